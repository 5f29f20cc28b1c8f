import SIPMessage
import SIPUserAgent

/// On which terms the next hop is spoken to, as far as one table says so. What an account says stands over what its
/// outbound proxy says, and that over `[defaults]`.
struct ConnectionTerms: Hashable {
  /// A chain of certificates and the key that belongs to it: the paths of their files. Who says one says both.
  struct Identity: Hashable {
    var certificate: String
    var privateKey: String
  }

  /// One of each family at most.
  struct LocalAddresses: Hashable {
    var v4: IPAddress?
    var v6: IPAddress?
  }

  var transport: TransportProtocol?
  var authorities: String?
  var identity: Identity?
  var webSocketPath: String?
  var localAddresses: LocalAddresses?
  var localPort: UInt16?
  var interface: String?
  var dscp: UInt8?
  var keepAlive: KeepAliveSetting?
  var flows: Int?

  /// What is said here, and what the others say of the rest.
  func over(_ others: ConnectionTerms) -> ConnectionTerms {
    var terms = ConnectionTerms()
    terms.transport = transport ?? others.transport
    terms.authorities = authorities ?? others.authorities
    terms.identity = identity ?? others.identity
    terms.webSocketPath = webSocketPath ?? others.webSocketPath
    terms.localAddresses = localAddresses ?? others.localAddresses
    terms.localPort = localPort ?? others.localPort
    terms.interface = interface ?? others.interface
    terms.dscp = dscp ?? others.dscp
    terms.keepAlive = keepAlive ?? others.keepAlive
    terms.flows = flows ?? others.flows
    return terms
  }

  /// What of it the transport layer has to know.
  ///
  /// - Parameter webSocketPath: as it stands in the URI of the next hop, which is nearer than a key
  func profile(webSocketPath path: String?) -> ConnectionProfile {
    var profile = ConnectionProfile.standard
    profile.authorities = authorities
    profile.certificate = identity?.certificate
    profile.privateKey = identity?.privateKey
    profile.webSocketPath = path ?? webSocketPath ?? profile.webSocketPath
    profile.localAddressV4 = localAddresses?.v4
    profile.localAddressV6 = localAddresses?.v6
    profile.localPort = localPort
    profile.interface = interface
    profile.dscp = dscp
    return profile
  }

  /// What of it is for the registration to know.
  func apply(to policy: inout RegistrationPolicy) {
    if let keepAlive { policy.keepAlive = keepAlive }
    if let flows { policy.flows = flows }
  }
}
