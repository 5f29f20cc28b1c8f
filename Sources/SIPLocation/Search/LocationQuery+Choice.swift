import SIPMessage

/// What may be tried of what a search has found. What is no host is no target, whoever names it, and neither is this
/// program: its requests would come back to it.
extension LocationQuery {
  /// How this host stands to a target.
  package enum Reach: Sendable, Equatable {
    /// From this local end.
    case from(Endpoint)
    case noWay
    /// It leads to this program itself.
    case ourselves
  }

  /// - Parameter reach: how this host stands to a target; asked for what is an address of one host
  /// - Returns: what may be tried, in the order of the candidates, and what is left out.
  package static func choose(
    among candidates: [Candidate], profile: ProfileID = .standard, serverName: (TransportProtocol) -> ServerName,
    reach: (Target) -> Reach
  ) -> (chosen: [(target: Target, local: Endpoint)], rejected: RejectedAddresses) {
    var rejected = RejectedAddresses()
    var chosen: [(target: Target, local: Endpoint)] = []
    for candidate in candidates {
      guard candidate.endpoint.address.isOneHost else {
        rejected.nobody(candidate.endpoint.address)
        continue
      }
      let target = Target(
        transport: candidate.transport, profile: profile, serverName: serverName(candidate.transport),
        endpoint: candidate.endpoint)
      switch reach(target) {
      case .from(let local): chosen.append((target, local))
      case .noWay: rejected.noWay(candidate.endpoint.address)
      case .ourselves: rejected.ourselves(candidate.endpoint)
      }
    }
    return (chosen, rejected)
  }
}
