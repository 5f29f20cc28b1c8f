import SIPMessage

/// What of a connection profile matters to TLS: profiles with the same share what is made of their files.
struct TLSTerms: Hashable, Sendable {
  var authorities: String?
  var certificate: String?
  var privateKey: String?

  init(_ profile: ConnectionProfile) {
    (authorities, certificate) = (profile.authorities, profile.certificate)
    // A file may hold both.
    privateKey = profile.privateKey ?? profile.certificate
  }

  /// Nothing is read for it but what the system has.
  var isStandard: Bool { self == TLSTerms(.standard) }
}
