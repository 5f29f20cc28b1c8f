import NIOCore
import SIPMessage

/// The connections that peers made, who has a place among them and who has to give it up, and what they hold in all.
///
/// Nobody keeps others out: one host has few places, hosts that our own requests go to have places that strangers do not
/// get, and who needs one takes it from the one that has brought no message for the longest time.
struct Guests {
  private struct Guest {
    var connection: StreamConnection
    var isKnown: Bool
    /// What it holds of `backlog` and of `unfinished`.
    var backlog = 0
    var unfinished = 0

    /// Tells it from others of which the same holds.
    var number: UInt32 { connection.flow.connection }
  }

  private var guests: [UInt32: Guest] = [:]
  private var countsByHost: [IPAddress: Int] = [:]
  private var strangers = 0
  /// When what strangers brought will have been worth its time, in the way of GCRA.
  private var paidAt = NIODeadline.now()
  /// Bytes that wait to be sent, in all.
  private(set) var backlog = 0
  /// Bytes of messages that are not whole, in all.
  private(set) var unfinished = 0

  init() {}

  enum Place {
    case free
    /// It is closed for the newcomer.
    case takenFrom(StreamConnection)
    case none
  }

  /// - Parameter isKnown: our own requests go to this host
  func place(forOneOf host: IPAddress, isKnown: Bool, _ settings: TransportSettings) -> Place {
    let kept = settings.connectionsKeptForKnown
    if countsByHost[host.source, default: 0] >= (isKnown ? kept : settings.maximumConnectionsPerHost) {
      return taken { guest in guest.connection.host.source == host.source }
    }
    if !isKnown, strangers >= settings.maximumAcceptedConnections - kept { return taken { !$0.isKnown } }
    guard guests.count >= settings.maximumAcceptedConnections else { return .free }
    return strangers > 0 || !isKnown ? taken { !$0.isKnown } : taken { _ in true }
  }

  private func taken(from isEligible: (Guest) -> Bool) -> Place {
    let longest = guests.values.lazy.filter(isEligible).min { left, right in
      (left.connection.lastFrame, left.connection.flow.connection)
        < (right.connection.lastFrame, right.connection.flow.connection)
    }
    return longest.map { .takenFrom($0.connection) } ?? .none
  }

  mutating func insert(_ connection: StreamConnection, isKnown: Bool) {
    guests[connection.flow.connection] = Guest(connection: connection, isKnown: isKnown)
    countsByHost[connection.host.source, default: 0] += 1
    if !isKnown { strangers += 1 }
  }

  mutating func remove(_ connection: StreamConnection) {
    guard let guest = guests.removeValue(forKey: connection.flow.connection) else { return }
    let source = connection.host.source
    countsByHost[source] = countsByHost[source].flatMap { $0 > 1 ? $0 - 1 : nil }
    if !guest.isKnown { strangers -= 1 }
    backlog -= guest.backlog
    unfinished -= guest.unfinished
  }

  // MARK: Time

  /// A connection brought messages. - Returns: how long it is not to be read; nil: go on
  mutating func pause(after messages: Int, of connection: StreamConnection, now: NIODeadline, _ rate: Int)
    -> TimeAmount?
  {
    guard guests[connection.flow.connection]?.isKnown == false else { return nil }
    paidAt = max(paidAt, now) + .nanoseconds(Int64(messages) * 1_000_000_000 / Int64(max(rate, 1)))
    let pause = paidAt - now - .seconds(1)
    return pause > .zero ? min(pause, .seconds(10)) : nil
  }

  // MARK: Memory

  mutating func noteBacklog(of connection: StreamConnection) {
    let bytes = connection.outgoing.bytes
    guard let before = guests[connection.flow.connection]?.backlog else { return }
    guests[connection.flow.connection]?.backlog = bytes
    backlog += bytes - before
  }

  mutating func noteUnfinished(of connection: StreamConnection) {
    let bytes = connection.unfinished
    guard let before = guests[connection.flow.connection]?.unfinished else { return }
    guests[connection.flow.connection]?.unfinished = bytes
    unfinished += bytes - before
  }

  /// Who leaves most unread; a stranger as long as there is one that leaves anything.
  var leastRead: StreamConnection? {
    guests.values.filter { $0.backlog > 0 }.max {
      ($0.isKnown ? 0 : 1, $0.backlog, $0.number) < ($1.isKnown ? 0 : 1, $1.backlog, $1.number)
    }?.connection
  }

  /// Whose message began first; a stranger's as long as there is one.
  var longestUnfinished: StreamConnection? {
    guests.values.compactMap { guest in guest.connection.unfinishedSince.map { (guest, since: $0) } }.min {
      ($0.0.isKnown ? 1 : 0, $0.since, $0.0.number) < ($1.0.isKnown ? 1 : 0, $1.since, $1.0.number)
    }?.0.connection
  }
}

extension StreamConnection {
  fileprivate var host: IPAddress { flow.target.endpoint.address }
}

extension IPAddress {
  /// Who is one source: a host, or with IPv6 its network, in which it has as many addresses as it likes (RFC 4291
  /// §2.5.1: 64 bits).
  var source: IPAddress {
    switch self {
    case .v4: self
    case .v6(let network, _): .v6(network, 0)
    }
  }
}
