import SIPMessage

/// What a transport layer binds, and what it allows itself and its peers.
package struct TransportSettings: Sendable {
  /// UDP and TCP, IPv4 and IPv6, all on this port (RFC 3261 §18.2.1). 0: one that is free for all of them.
  package var localPort: UInt16 = 0
  /// Added to the ports of profiles: each of several layers has its own.
  package var portOffset: UInt16 = 0
  /// nil: no IPv4.
  package var addressV4: IPAddress? = .v4(0)
  /// nil: no IPv6. A host without IPv6 still starts as long as this is the unspecified address.
  package var addressV6: IPAddress? = .v6(0, 0)

  /// How long a connection may take to come up: TCP, TLS and the opening of a WebSocket together.
  package var connectTimeout: Duration = .seconds(10)
  /// A connection that the peer opened and that brings neither message nor keep-alive for this long is closed.
  /// Above the 95 to 120 s between keep-alives of RFC 5626 §4.4.1 with room for a lost one.
  package var idleTimeout: Duration = .seconds(300)
  /// From the first byte of a message to its last: 64*T1, after which its transaction is over anyway (§17).
  package var messageTimeout: Duration = .seconds(32)
  /// A connection over which requests leave and nothing comes for this long is replaced: 64*T1, when the first of them is
  /// given up (§17.1.2.2).
  package var answerTimeout: Duration = .seconds(32)
  /// Unacknowledged data or unanswered TCP keep-alives for this long end a connection: its peer is gone.
  package var deadPeerTimeout: Duration = .seconds(60)

  /// How long a UDP port stays open after the last profile that named it is gone: 64*T1, when what was sent from there is
  /// given up.
  package var unusedPortDelay: Duration = .seconds(32)

  /// UDP: how long a request may be without an answer before it is found out whether anybody is there at all. Below T1,
  /// above a usual round trip.
  package var silencePatience: Duration = .milliseconds(400)

  /// TCP connections that are made. One is enough for each proxy; at the limit the longest idle one makes room.
  package var maximumConnections = 1_024
  /// TCP connections that peers made: a limit of their own, so that nobody from outside keeps a request from leaving.
  package var maximumAcceptedConnections = 1_024
  /// Connections of one host that is a stranger, among those accepted: proxies take one, and a NAT may have a few phones behind it.
  package var maximumConnectionsPerHost = 64
  /// Places among those accepted that only hosts get to which our own requests go; what one such host gets at most,
  /// too.
  package var connectionsKeptForKnown = 256
  /// Bytes that wait in one connection that was made, while it connects or while its peer does not read.
  package var maximumBacklog = 1 << 20
  /// Bytes of answers that wait in one connection that a peer made. From half of it on the peer is not read any more:
  /// Kamailio stops at 32 KiB, too (tcp_conn_wq_max).
  package var maximumAnswerBacklog = 64 << 10
  /// Bytes of answers that wait in all connections that peers made, beyond which the one that leaves most unread is
  /// closed; Kamailio's tcp_wq_max.
  package var maximumAnswerBacklogInAll = 10 << 20
  /// Bytes of messages that are not whole, in all connections that peers made; beyond it the one whose message began
  /// first is closed. Room for 64 of the largest.
  package var maximumUnfinishedInAll = 4 << 20
  /// Bytes that one read takes from a connection that a peer made, so that what they ask for stays within the above.
  package var acceptedReadSize = 2_048
  /// Messages a second that are read from all strangers that are connected, and as many at once: whoever brings more
  /// waits, so that what they all bring takes a fraction of a processor and no refresh waits for it.
  package var strangerMessagesPerSecond = 500
  /// Whether datagrams to one peer, or from one, may travel through this host as one. Peers see no difference; the system
  /// may be unable.
  package var joinsDatagrams = true
  /// Bytes of datagrams that wait because the socket's send buffer is full.
  package var maximumDatagramBacklog = 4 << 20
  /// Where the secrets of TLS connections are written, for who has to look inside with Wireshark (NSS key log format). It is
  /// made readable for its owner only; nil: nowhere.
  package var tlsKeyLogFile: String?
  /// What a message may measure; for streams.
  package var messageLimits = Limits.standard

  package init() {}

  func address(ofV6 isV6: Bool) -> IPAddress? { isV6 ? addressV6 : addressV4 }
}
