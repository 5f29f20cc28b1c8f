import SIPMessage

/// Requests that are too large for a datagram (RFC 3261 §18.1.1): they go to the same place over TCP, and over UDP all the
/// same where nobody takes a connection.
extension UserAgentClient {
  private enum Limits {
    /// What fits into a datagram on any path, as long as nobody knows better, in bytes.
    static let datagram = 1_300
    /// How long a hop that refused a connection is not asked for another.
    static let refusal: Duration = .seconds(3_600)
  }

  /// The way of the next REGISTER of the attempt, as far as its size decides: known from the one before.
  func sized(_ way: Way, for registrant: borrowing Registrant) -> Way {
    guard registrant.isLarge, way.target.transport == .udp, takesStreams(registrant) else { return way }
    return way.overTCP
  }

  /// Whether this REGISTER has to take another way than the one that it was written for.
  func isOversized(_ request: [UInt8], over way: Way, for registrant: borrowing Registrant) -> Bool {
    request.count > Limits.datagram && way.target.transport == .udp && takesStreams(registrant)
  }

  private func takesStreams(_ registrant: borrowing Registrant) -> Bool {
    guard registrant.registration.ofAttempt({ $0.staysWithDatagrams }) == false else { return false }
    guard let path = registrant.engagement?.path else { return true }
    return nextHops.takesStreams(beyond: path, now: now)
  }

  /// What went over TCP for its size alone, and found nobody there, goes over UDP.
  ///
  /// - Returns: whether it does.
  mutating func fallBackToDatagrams(_ registrant: inout Registrant, after failure: Failure) -> Bool {
    guard case .transport = failure, registrant.sentWay?.target.transport == .tcp,
      registrant.nextWay?.target.transport == .udp
    else { return false }
    registrant.updateAttempt { $0.staysWithDatagrams = true }
    if let path = registrant.engagement?.path { nextHops.refusesStreams(beyond: path, until: now + Limits.refusal) }
    sendRegister(&registrant)
    return true
  }
}

extension Way {
  /// To the same place, over the transport for what is large.
  fileprivate var overTCP: Way {
    var target = target
    target.transport = .tcp
    return Way(target: target, local: local)
  }
}
