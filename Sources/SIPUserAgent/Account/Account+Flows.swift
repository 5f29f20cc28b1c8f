import SIPMessage

extension Account {
  /// What this account is registered as: itself, or where its policy wants several flows (RFC 5626 §4.2.1) one for each,
  /// over the route that is its own: flow 2 prefers the second route. The routes behind those are there for every flow.
  ///
  /// A flow is an account of its own with the identity, the state and the operators' commands of one; the first has the
  /// name as it is configured, the next are `name/2`, `name/3`.
  ///
  /// - Parameter host: what tells this host from others
  package func perFlow(on host: @autoclosure () -> UUID) -> [Account] {
    guard policy.namesFlows else { return [self] }
    let count = policy.flows
    return (0..<count).map { index in
      var flow = self
      if count > 1 {
        let own = routes.indices.contains(index) ? [routes[index]] : []
        let spare = own + routes.dropFirst(count)
        if !spare.isEmpty { flow.routes = spare }
        if index > 0 { flow.name = "\(name)/\(index + 1)" }
      }
      flow.outbound = OutboundFlow(host: host(), number: UInt8(index + 1), flows: UInt8(count))
      return flow
    }
  }

  /// What stands behind the Contact of a REGISTER that offers outbound; empty for one that does not.
  func outboundParameters(_ offered: Extensions) -> [UInt8] {
    guard offered.contains(.outbound), let outbound else { return [] }
    return outbound.contactParameters(of: addressOfRecord)
  }
}
