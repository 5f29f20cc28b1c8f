import SIPMessage

/// Answers digest challenges for one account (RFC 3261 §22, RFC 7616, RFC 8760): keeps the nonces, so that the next
/// request is one round trip, and knows when more answers would be more of the same.
///
/// Answers 401 and 407 to requests of ours only, with the strongest algorithm offered for which there is a secret.
package struct Authenticator: Sendable {
  package enum Limits {
    /// Servers and proxies that ask on one path.
    package static let nonces = 4
    /// Realms that have accepted us before, and whose nonce had to make place: of them only the algorithm is known.
    package static let memories = 4
    /// Bytes of a realm that is remembered so.
    package static let rememberedRealm = 256
    /// Answers within one attempt, over all realms.
    package static let answers = 6
    /// Realms of one response that are looked at.
    package static let realms = 64
    /// Bytes of realms, nonces and opaques together, as they are written: what is more would not fit into a request with
    /// the rest of it. Three values of the longest kind fit.
    package static let length = 16_384
  }

  /// Whom a nonce is for.
  struct Protection: Equatable, Sendable {
    var source: Challenge.Source
    var realm: [UInt8]
  }

  /// A nonce in use.
  struct Held: Sendable {
    var nonce: CachedNonce
    /// Of a -sess algorithm: A1 is made with the first client nonce, so that one stays (RFC 7616 §3.4.2).
    var clientNonce: [UInt8]?
    /// Once it has been calculated.
    var secret: Digest.SecretHash?
    /// The strongest with which a 2xx came: who accepted it does not need a weaker one.
    var accepted: DigestAlgorithm.Hash?

    /// Than what was accepted.
    var isWeaker: Bool { accepted.map { nonce.algorithm.hash < $0 } ?? false }

    func isFor(_ protection: Protection) -> Bool {
      nonce.source == protection.source && nonce.realm == protection.realm
    }
  }

  /// What was answered within an attempt.
  struct Answers: Sendable {
    /// Whose nonce of this attempt was used.
    var protections = ShortList<Protection>()
    var count = 0
  }

  private(set) var held = ShortList<Held>()
  var answers = OptionalBox<Answers>()
  /// A nonce came since `recorded`.
  private(set) var hasNews = true
  /// Of the attempt that is under way, or comes next.
  private(set) var takesWeaker = false

  package init(nonces: some Collection<CachedNonce> = []) {
    for nonce in nonces where Self.isPrintable(nonce.realm, nonce.nonce, nonce.opaque) {
      guard held.count < Limits.nonces + Limits.memories else { break }
      guard Self.length(nonce.realm, nonce.nonce, nonce.opaque) <= Limits.length else { continue }
      held.append(Held(nonce: nonce, accepted: nonce.isAccepted ? nonce.algorithm.hash : nil))
    }
    if held.count > 1 { makeRoom(sparing: nil) }
  }

  /// What another process can go on with. A -sess session is over with its client nonce; what was accepted is not.
  package var nonces: ShortList<CachedNonce> {
    var nonces = ShortList<CachedNonce>()
    held.forEachLent { held in
      var nonce = held.isWeaker ? held.memory : held.nonce
      nonce.isAccepted = held.accepted == nonce.algorithm.hash
      if nonce.algorithm.isSession {
        guard nonce.isAccepted else { return }
        nonce.spend()
      }
      nonces.append(nonce)
    }
    return nonces
  }

  /// The nonces are where they survive.
  mutating func recorded() { hasNews = false }

  /// How often that of the last request's nonces was used that was used most.
  private(set) var highestCount: UInt32 = 0

  /// A new attempt, or another peer within one: what was answered before does not count, since another server need not
  /// know the nonces of the first.
  package mutating func beginAttempt() {
    answers.value = nil
  }

  /// An operator takes what is asked for, in one attempt: a registrar may have become weaker in earnest. What was accepted
  /// before stays known.
  package mutating func acceptWeaker() { takesWeaker = true }

  /// An attempt is over, and with it the permission for something weaker: what was not accepted is not sent again.
  package mutating func endAttempt() {
    guard takesWeaker else { return }
    takesWeaker = false
    guard held.contains(where: \.isWeaker) else { return }
    held.updateEach { if $0.isWeaker { $0 = Held(nonce: $0.memory, accepted: $0.accepted) } }
    hasNews = true
  }

  /// What was sent was good.
  private mutating func accept() {
    var hasNews = false
    held.updateEach { held in
      guard !held.nonce.isSpent, held.accepted != held.nonce.algorithm.hash else { return }
      held.accepted = held.nonce.algorithm.hash
      hasNews = true
    }
    if hasNews { self.hasNews = true }
  }

  /// A 2xx came: a nextnonce replaces the nonce that this peer was answered with (RFC 7616 §3.5). The A1 of a -sess
  /// algorithm stays that of the first nonce (§3.4.2), so there it is left to a challenge to name a new one.
  package mutating func succeeded(_ info: AuthenticationInfo?, from source: Challenge.Source = .server) {
    accept()
    if let info { follow(info, from: source) }
  }

  private mutating func follow(_ response: Message, _ name: HeaderName, from source: Challenge.Source) {
    guard response.contains(name), let info = response.first(name).flatMap({ try? AuthenticationInfo(parsing: $0) })
    else { return }
    follow(info, from: source)
  }

  private mutating func follow(_ info: AuthenticationInfo, from source: Challenge.Source) {
    guard let next = info.nextNonce, Self.isPrintable([], next, nil),
      let index = held.lastIndex(where: { $0.nonce.source == source && !$0.nonce.isSpent }),
      !held[index].nonce.algorithm.isSession, held[index].nonce.nonce != next
    else { return }
    let former = held[index].nonce
    held[index].nonce.nonce = next
    held[index].nonce.count = 0
    guard length <= Limits.length else {
      held[index].nonce = former
      return
    }
    hasNews = true
  }

  /// Takes what a 2xx says, of servers and of proxies. The attempt has ended: nobody asks any more what was answered.
  mutating func succeeded(_ response: Message) {
    answers.value = nil
    accept()
    follow(response, .authenticationInfo, from: .server)
    follow(response, .proxyAuthenticationInfo, from: .proxy)
  }

  /// From now on this is what is answered.
  mutating func keep(_ challenge: Challenge, _ algorithm: DigestAlgorithm, realm: [UInt8]) {
    hasNews = true
    let protection = Protection(source: challenge.source, realm: realm)
    var entry = Held(
      nonce: CachedNonce(
        source: challenge.source, realm: realm, nonce: challenge.nonce, opaque: challenge.opaque,
        algorithm: algorithm, quality: challenge.quality, count: 0))
    guard let index = held.firstIndex(where: { $0.isFor(protection) }) else {
      held.append(entry)
      if held.count > 1 { makeRoom(sparing: protection) }
      return
    }
    let former = held[index]
    entry.accepted = former.accepted
    // nc counts the requests with a nonce (RFC 7616 §3.4), also when it is named again.
    if former.nonce.nonce == entry.nonce.nonce { entry.nonce.count = former.nonce.count }
    held[index] = entry
    if held.count > 1 { makeRoom(sparing: protection) }
  }

  /// The nonces of those that have not accepted us go first, then the oldest of the others; what those accepted stays
  /// known as long as there is a place for it.
  private mutating func makeRoom(sparing protection: Protection?) {
    while held.count(where: { !$0.nonce.isSpent }) > Limits.nonces || length > Limits.length {
      func mayGo(_ held: Held) -> Bool { !held.nonce.isSpent && protection.map(held.isFor) != true }
      if let index = held.firstIndex(where: { mayGo($0) && $0.accepted == nil }) {
        held.remove(at: index)
      } else if let index = held.firstIndex(where: mayGo) {
        let isShort = held[index].nonce.realm.count <= Limits.rememberedRealm
        guard isShort, held.count(where: \.nonce.isSpent) < Limits.memories else {
          held.remove(at: index)
          continue
        }
        held[index] = Held(nonce: held[index].memory, accepted: held[index].accepted)
      } else {
        return
      }
    }
  }

  /// Of what is written into a request.
  private var length: Int {
    held.reduce(0) { $1.nonce.isSpent ? $0 : $0 + Self.length($1.nonce.realm, $1.nonce.nonce, $1.nonce.opaque) }
  }

  /// Bytes of what is repeated of a challenge, with what has to be escaped.
  static func length(_ realm: [UInt8], _ nonce: [UInt8], _ opaque: [UInt8]?) -> Int {
    func written(_ text: [UInt8]) -> Int {
      text.reduce(text.count) { $1 == UInt8(ascii: "\"") || $1 == UInt8(ascii: "\\") ? $0 + 1 : $0 }
    }
    return written(realm) + written(nonce) + written(opaque ?? [])
  }

  /// Whether credentials for this realm have been accepted before.
  func hasAccepted(_ protection: Protection) -> Bool {
    held.contains { $0.isFor(protection) && $0.accepted != nil }
  }

  /// Whether credentials have been accepted by anybody since they were configured.
  var haveWorked: Bool { held.contains { $0.accepted != nil } }

  /// Writes the credentials of the next request: a header field for every nonce that is kept, its count one higher.
  ///
  /// - Parameter clientNonce: fresh, from a source of chance
  /// - Throws: when a user name holds CR, LF or NUL.
  package mutating func authorize(
    _ subject: DigestSubject, credentials: ShortList<Credential>, clientNonce: Span<UInt8>, to text: inout [UInt8]
  ) throws(HeaderInjection) {
    highestCount = 0
    try held.updateEach { held throws(HeaderInjection) in
      guard !held.nonce.isSpent else { return }
      held.nonce.count &+= 1
      highestCount = max(highestCount, held.nonce.count)
      guard let credential = Self.credential(for: held.nonce.realm, held.nonce.algorithm, in: credentials) else {
        return
      }
      try held.authorize(subject, credential, clientNonce: clientNonce, to: &text)
    }
  }

  /// As `Challenge.isPrintable`.
  private static func isPrintable(_ realm: [UInt8], _ nonce: [UInt8], _ opaque: [UInt8]?) -> Bool {
    [realm, nonce, opaque ?? []].allSatisfy { $0.span.isPrintable(in: 0..<$0.count) }
  }

  /// What servers and proxies were answered with last, the newest first.
  func uses(of credentials: ShortList<Credential>) -> [CredentialsUse] {
    held.reversed().compactMap { held in
      guard !held.nonce.isSpent,
        let credential = Self.credential(for: held.nonce.realm, held.nonce.algorithm, in: credentials)
      else {
        return nil
      }
      return CredentialsUse(
        username: credential.username.text, realm: String(decoding: held.nonce.realm, as: UTF8.self),
        algorithm: held.nonce.algorithm.token.description)
    }
  }

  /// The credential of this very realm before one for any.
  static func credential(
    for realm: [UInt8], _ algorithm: DigestAlgorithm, in credentials: ShortList<Credential>
  ) -> Credential? {
    var forAny: Credential?
    for credential in credentials where credential.isGood(for: algorithm) {
      guard let own = credential.realm else {
        forAny = forAny ?? credential
        continue
      }
      if own == realm { return credential }
    }
    return forAny
  }
}

extension Authenticator.Held {
  /// What stays known of it when its nonce has to go: whom it is for, and the hash that was accepted.
  fileprivate var memory: CachedNonce {
    CachedNonce(
      source: nonce.source, realm: nonce.realm, nonce: [],
      algorithm: DigestAlgorithm(hash: accepted ?? nonce.algorithm.hash), quality: nil, count: 0)
  }

  /// - Parameter credential: good for the nonce's algorithm
  fileprivate mutating func authorize(
    _ subject: DigestSubject, _ credential: Credential, clientNonce: Span<UInt8>, to text: inout [UInt8]
  ) throws(HeaderInjection) {
    let digest = Digest(nonce.algorithm)
    if secret == nil { secret = digest.secretHash(of: credential, realm: nonce.realm) }
    if nonce.algorithm.isSession, self.clientNonce == nil {
      self.clientNonce = [UInt8](reserving: clientNonce.count) { $0.append(clientNonce) }
    }
    if let clientNonce = self.clientNonce {
      // Its first one stays.
      try write(digest, subject, credential, clientNonce: clientNonce.span, to: &text)
    } else {
      try write(digest, subject, credential, clientNonce: clientNonce, to: &text)
    }
  }

  /// It changes nothing: mutating, `self` is lent to the closures and not copied.
  private mutating func write(
    _ digest: Digest, _ subject: DigestSubject, _ credential: Credential, clientNonce: Span<UInt8>,
    to text: inout [UInt8]
  ) throws(HeaderInjection) {
    let name: HeaderName = nonce.source == .server ? .authorization : .proxyAuthorization
    let (username, uri) = (credential.username, subject.uri)
    // Of a nonce only what is printable is kept, and a URI is.
    guard username.span.isOneLine(in: 0..<username.count) else { throw HeaderInjection(name: name.text.description) }
    let room =
      name.text.utf8CodeUnitCount + 4
      + DigestCredentials.room(
        username: username.count, realm: nonce.realm.count, nonce: nonce.nonce.count, uri: uri.count,
        opaque: nonce.opaque?.count ?? 0, clientNonce: clientNonce.count)
      + digest.room(
        credential: credential.length, realm: nonce.realm.count, nonce: nonce.nonce.count,
        clientNonce: clientNonce.count)
    text.append(reserving: room) { text in
      text.append(name.text)
      text.append(": ")
      DigestCredentials.append(
        username: username.span, realm: nonce.realm.span, nonce: nonce.nonce.span, uri: uri.span,
        algorithm: nonce.algorithm, opaque: nonce.opaque, to: &text
      ) { text in
        let start = text.count
        if let secret {
          text.append(secret)
        } else {
          digest.append(secretOf: credential, realm: nonce.realm.span, to: &text)
        }
        digest.complete(
          &text, from: start, nonce: nonce.nonce.span, count: nonce.count, quality: nonce.quality, for: subject,
          clientNonce: clientNonce)
      }
      if let quality = nonce.quality {
        DigestCredentials.append(quality: quality, nonceCount: nonce.count, clientNonce: clientNonce, to: &text)
      }
      text.append("\r\n")
    }
  }
}
