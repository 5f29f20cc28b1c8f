import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL
import SIPMessage

/// The connection profiles of a transport layer by their numbers, and what TLS needs for each: files are read when the
/// profiles come, and not when somebody connects. Connections that are open keep what they were made with.
final class TLSContexts: Sendable {
  private struct State {
    /// That of number 1 comes first.
    var profiles: [ConnectionProfile] = []
    var contexts: [TLSTerms: NIOSSLContext] = [:]
  }

  private let state = NIOLockedValueBox(State())
  private let keyLog: KeyLog?

  init(keyLogFile: String?) { keyLog = keyLogFile.map(KeyLog.init) }

  /// Reads every file anew. Blocks; not for an event loop.
  ///
  /// - Throws: for the first one that is not as it must be; then all stays as it was
  func use(_ profiles: [ConnectionProfile]) throws(ProfileError) {
    if let keyLog { try keyLog.open() }
    var contexts: [TLSTerms: NIOSSLContext] = [:]
    for profile in profiles {
      try Self.checkPath(of: profile)
      let terms = TLSTerms(profile)
      if contexts[terms] == nil, !terms.isStandard { contexts[terms] = try context(terms) }
    }
    state.withLockedValue { [contexts] in ($0.profiles, $0.contexts) = (profiles, contexts) }
  }

  /// A path that is none would be read as more than the first line of a request.
  private static func checkPath(of profile: ConnectionProfile) throws(ProfileError) {
    let path = profile.webSocketPath
    guard path.utf8.first == UInt8(ascii: "/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw ProfileError(path: path, problem: "is no path of a WebSocket: it begins with / and has no blanks")
    }
  }

  /// nil for a number that nobody gave.
  subscript(id: ProfileID) -> ConnectionProfile? { state.withLockedValue { $0.profiles[id] } }

  /// What the system trusts is read when somebody asks for it: most daemons never do.
  func context(of terms: TLSTerms) throws(ProfileError) -> NIOSSLContext {
    if let known = state.withLockedValue({ $0.contexts[terms] }) { return known }
    let made = try context(terms)
    return state.withLockedValue { state in
      if let known = state.contexts[terms] { return known }
      state.contexts[terms] = made
      return made
    }
  }

  private func context(_ terms: TLSTerms) throws(ProfileError) -> NIOSSLContext {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = .tlsv12
    // Whom it names is RFC 5922's matter and not RFC 6125's: CertificateCheck sees to it.
    configuration.certificateVerification = .noHostnameVerification
    // Long enough for a round trip; nobody waits for it.
    configuration.shutdownTimeout = .seconds(1)
    if let keyLog { configuration.keyLogCallback = { keyLog.append($0) } }
    if let path = terms.authorities { configuration.trustRoots = .certificates(try Self.certificates(in: path)) }
    if let path = terms.certificate {
      configuration.certificateChain = try Self.certificates(in: path).map { .certificate($0) }
      configuration.privateKey = .privateKey(try Self.key(in: terms.privateKey ?? path))
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      guard let path = terms.certificate else {
        throw ProfileError(path: "/etc/ssl/certs", problem: "what this system trusts can not be read")
      }
      throw ProfileError(path: terms.privateKey ?? path, problem: "is not the key of the certificate in \(path)")
    }
  }

  private static func certificates(in path: String) throws(ProfileError) -> [NIOSSLCertificate] {
    try checkReadable(path)
    guard let found = try? NIOSSLCertificate.fromPEMFile(path), !found.isEmpty else {
      throw ProfileError(path: path, problem: "holds no certificate in PEM form")
    }
    return found
  }

  private static func key(in path: String) throws(ProfileError) -> NIOSSLPrivateKey {
    try checkReadable(path)
    guard let key = try? NIOSSLPrivateKey(file: path, format: .pem) else {
      throw ProfileError(path: path, problem: "holds no private key in PEM form that is without a passphrase")
    }
    return key
  }

  private static func checkReadable(_ path: String) throws(ProfileError) {
    guard access(path, R_OK) != 0 else { return }
    throw ProfileError(path: path, problem: "can not be read (\(String(cString: strerror(errno))))")
  }
}
