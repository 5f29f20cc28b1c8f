import SIPMessage

extension Registrant {
  /// How often the flow that holds its binding has to be kept alive for it; nil: it has not.
  ///
  /// - Parameters:
  ///   - flowTimer: how often the edge wants to hear from us (RFC 5626 §4.4), in seconds
  ///   - carriesCalls: the edge sends what is for us over the flow
  func cadence(flowTimer: UInt32?, carriesCalls: Bool) -> Cadence? {
    guard let way = registration.binding?.way else { return nil }
    let wanted = flowTimer.map { Cadence(every: .seconds(Int64($0))) }
    let isReliable = way.target.transport.isReliable
    switch account.policy.keepAlive {
    case .off: return nil
    case .every(let interval): return min(Cadence(every: interval), wanted ?? Cadence(every: interval))
    case .automatic:
      let isBeyondNAT = isSeenElsewhere(over: way)
      // Over a stream the edge knows best; no edge knows of the NAT before it.
      if let wanted, isReliable || !isBeyondNAT { return wanted }
      guard isBeyondNAT || carriesCalls else { return nil }
      let usual = isReliable ? Cadence.streams : .datagrams
      return min(usual, wanted ?? usual)
    }
  }

  /// Whether the peers see its requests come from somewhere else. The port of a stream is never that of its Via.
  private func isSeenElsewhere(over way: Way) -> Bool {
    let seen = seenFrom ?? seenAs
    return seen.map { way.target.transport.isReliable ? $0.address != way.local.address : $0 != way.local } ?? false
  }
}
