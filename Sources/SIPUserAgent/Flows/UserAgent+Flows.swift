import SIPMessage

/// Flows and those who are bound over them: which is known by looking at the bindings, when it matters.
extension UserAgent {
  mutating func flowTimerFired(_ timer: TimerID) {
    guard let number = client.heldFlows.number(of: timer) else { return }
    if client.heldFlows[number].reviewedAt != client.heldFlows.leavers { review(number) }
    if client.heldFlows.number(of: timer) != nil { client.flowIsDue(number) }
  }

  /// Somebody left: whoever is still bound over the flow says how often it is to be kept alive. When nobody is, it is not
  /// any more.
  private mutating func review(_ number: Int32) {
    let flow = client.heldFlows[number]
    var shortest: Cadence?
    for slot in registrations.indices where isBound(slot, over: flow.way) {
      let wanted = registrations[slot]?.cadence(flowTimer: flow.flowTimer, carriesCalls: flow.carriesCalls)
      guard let wanted else { continue }
      shortest = min(shortest ?? wanted, wanted)
      // Nothing has changed: no need to ask the others.
      if wanted <= flow.keepAlive.cadence { break }
    }
    client.heldFlows[number].reviewedAt = client.heldFlows.leavers
    guard let shortest else { return client.heldFlows.release(number) }
    if shortest != flow.keepAlive.cadence { client.tell(number, .wanted(shortest)) }
  }

  private func isBound(_ slot: Int32, over way: Way, before instant: Instant = .distantFuture) -> Bool {
    guard let binding = registrations[slot]?.registration.binding else { return false }
    return binding.registeredAt < instant && binding.way == way
  }

  /// Whoever is bound over a flow that has failed registers anew.
  mutating func moveFromFailedFlows() {
    for (number, failure) in client.heldFlows.takeFailed() {
      let flow = client.heldFlows[number]
      let failures = failure.isEnd ? flow.failures : 0
      var (accounts, hop): (Int, URI?) = (0, nil)
      for slot in registrations.indices where isBound(slot, over: flow.way, before: flow.holdsSince) {
        guard lend(slot, { $0.leaveFlow(&$1, failures: failures) }) == true else { continue }
        accounts += 1
        if hop == nil { hop = self.hop(of: slot) }
      }
      if let hop {
        client.turn.effects.append(.reportHop(hop, .flowFailed(flow.way.target, failure, accounts: accounts)))
      }
    }
  }

  /// The next hop that a binding goes through.
  private func hop(of slot: Int32) -> URI? {
    guard let registrant = registrations[slot], let route = registrant.registration.binding?.routeIndex,
      registrant.paths.indices.contains(route)
    else { return nil }
    return client.nextHops.hops[client.nextHops.paths[Int(registrant.paths[route])].hop].uri
  }
}
