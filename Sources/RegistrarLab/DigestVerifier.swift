import SIPMessage

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
  /// Up to the nonce.
  private let beginning: [UInt8]
  private var nonces: NonceTable
  private var calculation: DigestCalculation

  init(_ settings: Settings, as source: Challenge.Source, seed: UInt64) {
    self.settings = settings
    self.source = source
    realm = Array(settings.realm.utf8)
    beginning = Array("Digest realm=\"\(settings.realm)\", nonce=\"".utf8)
    nonces = NonceTable(lifetime: settings.nonceLifetime, seed: seed)
    calculation = DigestCalculation(settings.passwords)
  }

  mutating func voidNonces() { nonces.voidAll() }

  // MARK: Asking

  mutating func challenge(isStale: Bool, at now: Instant) -> Answer {
    let nonce = nonces.issue(at: now)
    let fields = settings.hashes.map { hash in
      var text: [UInt8] = []
      append(challenge: nonce, hash, isStale, to: &text)
      return (fieldName, text)
    }
    return source == .server
      ? Answer(401, "Unauthorized", fields) : Answer(407, "Proxy Authentication Required", fields)
  }

  /// The header fields of such an answer.
  mutating func writeChallenge(isStale: Bool, at now: Instant, into writer: inout MessageWriter) {
    let nonce = nonces.issue(at: now)
    for hash in settings.hashes {
      try? writer.field(fieldName) { append(challenge: nonce, hash, isStale, to: &$0) }
    }
  }

  private var fieldName: HeaderName { source == .server ? .wwwAuthenticate : .proxyAuthenticate }

  private func append(
    challenge nonce: NonceTable.Nonce, _ hash: DigestAlgorithm.Hash, _ isStale: Bool, to text: inout [UInt8]
  ) {
    text.append(bytes: beginning)
    nonce.append(to: &text)
    text.append("\", algorithm=")
    text.append(DigestAlgorithm(hash: hash).token)
    text.append(", qop=\"auth\"")
    if isStale { text.append(", stale=true") }
  }

  // MARK: Judging

  mutating func verify(_ message: Message, _ method: Method, at now: Instant) -> Verdict {
    guard let credentials = credentials(in: message) else { return .missing }
    var secret: DigestCalculation.Secret?
    return judge(credentials, method, request: message.transactionHash, at: now, secret: &secret)
  }

  /// Those for this realm.
  func credentials(in message: Message) -> Credentials? {
    let name: HeaderName = source == .server ? .authorization : .proxyAuthorization
    for field in message.fields where field.name == name {
      guard let credentials = try? Credentials(parsing: message.value(of: field)) else { continue }
      if credentials.text.span.extracting(credentials.realm).equals(realm.span) { return credentials }
    }
    return nil
  }

  /// - Parameters:
  ///   - request: its transaction hash
  ///   - secret: of the credentials' user; nil: not known yet
  mutating func judge(
    _ credentials: Credentials, _ method: Method, request: UInt64, at now: Instant,
    secret: inout DigestCalculation.Secret?
  ) -> Verdict {
    guard credentials.quality == .auth, let count = credentials.nonceCount, credentials.clientNonce != nil,
      settings.hashes.contains(credentials.algorithm.hash),
      let expected = calculation.response(to: credentials, method, secret: &secret),
      credentials.text.span.extracting(credentials.response).equals(expected.span)
    else { return .wrong }
    guard let nonce = NonceTable.Nonce(credentials.text.span.extracting(credentials.nonce)) else { return .stale }
    switch nonces.use(nonce, count: count, request: request, at: now) {
    case .fresh: return .accepted
    case .stale, .replayed: return .stale
    }
  }
}
