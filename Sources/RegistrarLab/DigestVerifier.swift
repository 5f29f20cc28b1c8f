import Crypto
import SIPMessage
import SIPTransaction

/// The server's side of digest authentication (RFC 3261 §22, RFC 7616 §3.4, RFC 8760): asks, and judges the answer.
///
/// qop is auth, always. The uri of the credentials is not compared with the Request-URI, which proxies rewrite (RFC 7616
/// §3.4.2 leaves that to the server), and anybody with a good password may register any address-of-record.
package struct DigestVerifier: Sendable {
  package enum Passwords: Sendable {
    /// One for everybody.
    case shared(String)
    /// By user name; nobody else gets in.
    case accounts([String: String])
  }

  package struct Settings: Sendable {
    package var realm = "lab.invalid"
    package var passwords = Passwords.shared("secret")
    /// One challenge for each, in this order.
    package var hashes: [DigestAlgorithm.Hash] = [.md5]
    package var nonceLifetime: Duration = .seconds(3600)

    package init() {}
  }

  enum Verdict: Equatable {
    case accepted
    /// No credentials for this realm.
    case missing
    /// The password is right, the nonce or its count is not.
    case stale
    case wrong
  }

  private let settings: Settings
  private let source: Challenge.Source
  private let realm: [UInt8]
  private var nonces: NonceTable

  init(_ settings: Settings, as source: Challenge.Source, seed: UInt64) {
    self.settings = settings
    self.source = source
    realm = Array(settings.realm.utf8)
    nonces = NonceTable(lifetime: settings.nonceLifetime, seed: seed)
  }

  mutating func voidNonces() { nonces.voidAll() }

  // MARK: Asking

  mutating func challenge(isStale: Bool, at now: Instant) -> Answer {
    let nonce = nonces.issue(at: now)
    let name: HeaderName = source == .server ? .wwwAuthenticate : .proxyAuthenticate
    let fields = settings.hashes.map { hash in
      var text: [UInt8] = []
      text.reserveCapacity(128)
      text.append("Digest realm=\"")
      text += realm
      text.append("\", nonce=\"")
      text += nonce
      text.append("\", algorithm=")
      text.append(DigestAlgorithm(hash: hash).token)
      text.append(", qop=\"auth\"")
      if isStale { text.append(", stale=true") }
      return (name, text)
    }
    return source == .server
      ? Answer(401, "Unauthorized", fields) : Answer(407, "Proxy Authentication Required", fields)
  }

  // MARK: Judging

  mutating func verify(_ message: Message, at now: Instant) -> Verdict {
    guard let method = message.method, let credentials = credentials(in: message) else { return .missing }
    guard credentials.quality == .auth, let count = credentials.nonceCount, credentials.clientNonce != nil,
      let expected = response(to: credentials, method: method), expected == credentials.response
    else { return .wrong }
    switch nonces.use(credentials.nonce, count: count, request: message.transactionHash, at: now) {
    case .fresh: return .accepted
    case .stale, .replayed: return .stale
    }
  }

  private func credentials(in message: Message) -> DigestCredentials? {
    let name: HeaderName = source == .server ? .authorization : .proxyAuthorization
    for field in message.fields where field.name == name {
      guard let credentials = try? DigestCredentials(parsing: message.value(of: field)) else { continue }
      if credentials.realm == realm { return credentials }
    }
    return nil
  }

  /// nil: nobody of this name, or an algorithm that was not asked for.
  func response(to credentials: DigestCredentials, method: Method) -> [UInt8]? {
    guard let password = password(of: credentials.username) else { return nil }
    let algorithm = credentials.algorithm ?? DigestAlgorithm(hash: .md5)
    guard !algorithm.isSession, settings.hashes.contains(algorithm.hash) else { return nil }
    switch algorithm.hash {
    case .md5: return response(Insecure.MD5.self, credentials, password, method)
    case .sha256: return response(SHA256.self, credentials, password, method)
    case .sha512_256: return nil
    }
  }

  private func password(of username: [UInt8]) -> [UInt8]? {
    switch settings.passwords {
    case .shared(let password): Array(password.utf8)
    case .accounts(let passwords): passwords[String(decoding: username, as: UTF8.self)].map { Array($0.utf8) }
    }
  }

  private func response<Hash: HashFunction>(
    _ hash: Hash.Type, _ credentials: DigestCredentials, _ password: [UInt8], _ method: Method
  ) -> [UInt8] {
    func digest(_ parts: [UInt8]...) -> [UInt8] {
      var text: [UInt8] = []
      text.reserveCapacity(256)
      for (index, part) in parts.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ":")) }
        text += part
      }
      var digits: [UInt8] = []
      digits.reserveCapacity(2 * Hash.Digest.byteCount)
      digits.append(hexadecimal: Hash.hash(data: text))
      return digits
    }
    var count: [UInt8] = []
    DigestCredentials.appendNonceCount(credentials.nonceCount ?? 0, to: &count)
    return digest(
      digest(credentials.username, credentials.realm, password), credentials.nonce, count,
      credentials.clientNonce ?? [], Array("auth".utf8), digest(Array(method.text.utf8), credentials.uri))
  }
}
