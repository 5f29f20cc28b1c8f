import SIPMessage

/// What is sent to keep a flow alive.
package enum KeepAliveProbe: Sendable, Equatable {
  /// A question that a peer answers who speaks STUN; over datagrams (RFC 5626 §4.4.2).
  case binding(BindingTransaction)
  /// CR LF CR LF, which nobody answers; over datagrams.
  case lineEnds
  /// CR LF CR LF, or what its kind of stream has for that, and the pong is waited for (RFC 5626 §4.4.1).
  case ping

  /// What is sent over datagrams; nil: it is of streams.
  package var datagram: [UInt8]? {
    switch self {
    case .binding(let transaction): transaction.request
    // RFC 5626 §3.5.1
    case .lineEnds: [0x0D, 0x0A, 0x0D, 0x0A]
    case .ping: nil
    }
  }
}
