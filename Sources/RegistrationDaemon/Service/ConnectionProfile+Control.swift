import RegistrationControl
import SIPLocation
import SIPMessage
import SIPUserAgent

/// The terms of a next hop as the control interface shows them. The sentence is in RegistrationControl.
extension HopTerms {
  /// - Parameter transport: over which it is spoken to at present; nil: as its URI says
  init(_ hop: HopURI, _ profile: ConnectionProfile, over transport: TransportProtocol?) {
    self.init(hop: hop.description)
    let query = try? LocationQuery(hop.uri)
    guard let transport = transport ?? query?.defaultTransport else { return }
    if transport.isSecure {
      certificateName = query?.domain.certificateName
      authorities = profile.authorities
      certificate = profile.certificate
    }
    if transport.isWebSocket { webSocketPath = profile.webSocketPath }
    localAddresses = [profile.localAddressV4, profile.localAddressV6].compactMap { $0?.description }
    if transport == .udp { localPort = profile.localPort }
    interface = profile.interface
    dscp = profile.dscp
  }
}

extension AccountStatus {
  /// Of each next hop for which there is something to say, a sentence.
  ///
  /// - Parameter profiles: those of the configuration
  func terms(_ profiles: [ConnectionProfile]) -> [String] {
    let bound = status.binding.flatMap { binding -> (hop: HopURI, transport: TransportProtocol)? in
      guard account.routes.indices.contains(binding.routeIndex) else { return nil }
      return (account.routes[binding.routeIndex].nextHop(toward: account.registrar), binding.target.transport)
    }
    return nextHops.compactMap { hop in
      let transport = bound.flatMap { $0.hop == hop ? $0.transport : nil }
      return HopTerms(hop, profiles[hop.profile] ?? .standard, over: transport).sentence
    }
  }
}
