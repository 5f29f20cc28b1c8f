import SIPMessage
import SIPUserAgent

/// A registrar as RFC 3261 §10.3 has it, written for these tests from the RFC and not from the client: it checks
/// digest, CSeq and Call-ID, keeps contacts with their expiry, and remembers its answers for repeated requests.
struct SimulatedRegistrar {
  struct Contact {
    var uri: [UInt8]
    var expiresAt: Instant
    var callID: [UInt8]
    var cSeq: UInt32
  }

  struct Settings {
    var minimumExpires: UInt32 = 0
    var maximumExpires: UInt32 = 3600
    var algorithm = DigestAlgorithm(hash: .md5)
    var hasQuality = true
    var nonceLifetime: Duration = .seconds(600)
    /// Says so when a good answer came with a nonce that this site never gave out, or a count it has seen.
    var saysStale = true
    /// Somebody else's Contact stands before ours.
    var listsForeignContacts = false
  }

  /// What one site knows of a nonce.
  private struct Nonce {
    var issuedAt: Instant
    var count: UInt32 = 0
  }

  static let password = Array("correct horse".utf8)

  var settings: Settings
  private(set) var bindings: [String: [Contact]] = [:]
  /// Of one site: another does not know them.
  private var nonces: [String: Nonce] = [:]
  private var answers: [String: (bytes: [UInt8], at: Instant)] = [:]
  private var random: SplitMix64
  /// What no client of ours may do.
  private(set) var complaints: [String] = []

  init(settings: Settings, seed: UInt64) {
    self.settings = settings
    random = SplitMix64(seed: seed)
  }

  /// Everything in memory is gone.
  mutating func reboot() {
    bindings = [:]
    nonces = [:]
    answers = [:]
  }

  func isBound(_ addressOfRecord: String, at now: Instant) -> Bool {
    (bindings[addressOfRecord] ?? []).contains { $0.expiresAt > now }
  }

  /// The answer to a request that came in at `site`; nil for what is no request.
  mutating func answer(_ bytes: [UInt8], from source: Endpoint, site: Int, now: Instant) -> [UInt8]? {
    guard let message = try? Message(parsing: bytes), message.method == .register else { return nil }
    if let defect = message.defect() {
      complaints.append("a REGISTER with a defect: \(defect.reason)")
      return nil
    }
    guard let via = try? message.topmostVia(), let branch = via.branch else { return nil }
    let key = "\(site) \(via.host) \(via.port ?? 0) \(branch.text)"
    if let known = answers[key], now < known.at + .seconds(32) { return known.bytes }
    let response = decide(message, from: source, site: site, now: now)
    answers[key] = (response, now)
    if answers.count > 4096 { answers = answers.filter { now < $0.value.at + .seconds(32) } }
    return response
  }

  private mutating func decide(_ message: Message, from source: Endpoint, site: Int, now: Instant) -> [UInt8] {
    func respond(_ status: Int, _ reason: String, _ fields: [(HeaderName, [UInt8])] = []) -> [UInt8] {
      message.response(status: status, reason: reason, toTag: "registrar", receivedFrom: source, adding: fields)
    }
    guard let to = try? message.to(), let cSeq = try? message.cSeq(), let callID = message.callID,
      let contacts = try? message.contacts()
    else { return respond(400, "Bad Request") }
    switch authenticate(message, site: site, now: now) {
    case .good: break
    case .challenge(let isStale):
      return respond(401, "Unauthorized", [(.wwwAuthenticate, challenge(site: site, isStale: isStale, now: now))])
    case .bad: return respond(403, "Forbidden")
    }
    let asked = message.expires?.value ?? 3600
    if asked > 0, asked < settings.minimumExpires {
      return respond(423, "Interval Too Brief", [(.minExpires, Array("\(settings.minimumExpires)".utf8))])
    }
    let granted = min(asked, settings.maximumExpires)
    let addressOfRecord = to.uri.description
    var bound = (bindings[addressOfRecord] ?? []).filter { $0.expiresAt > now }
    for contact in contacts {
      guard case .address(let address) = contact else {
        complaints.append("a Contact of * that would remove what others registered")
        return respond(400, "Bad Request")
      }
      let seconds = min(address.expires?.value ?? granted, granted)
      let same = bound.firstIndex { (try? URI(parsing: $0.uri[...]))?.isEquivalent(to: address.uri) ?? false }
      if let same, bound[same].callID == Array(callID), bound[same].cSeq >= cSeq.number {
        return respond(500, "CSeq Out Of Order")
      }
      if let same { bound.remove(at: same) }
      guard seconds > 0, address.expires?.value != 0 else { continue }
      bound.append(
        Contact(
          uri: Array(address.uri.text), expiresAt: now + .seconds(Int64(seconds)), callID: Array(callID),
          cSeq: cSeq.number))
    }
    bindings[addressOfRecord] = bound
    return respond(200, "OK", list(bound, now: now))
  }

  private func list(_ bound: [Contact], now: Instant) -> [(HeaderName, [UInt8])] {
    var fields: [(HeaderName, [UInt8])] = []
    if settings.listsForeignContacts { fields.append((.contact, Array("<sip:other@192.0.2.99>;expires=7".utf8))) }
    for contact in bound {
      let left = max((contact.expiresAt - now).wholeNanoseconds / 1_000_000_000, 0)
      fields.append((.contact, Array("<".utf8) + contact.uri + Array(">;expires=\(left)".utf8)))
    }
    return fields
  }

  // MARK: Digest

  private enum Verdict { case good, bad, challenge(isStale: Bool) }

  private mutating func authenticate(_ message: Message, site: Int, now: Instant) -> Verdict {
    let given = message.fields.filter { $0.name == .authorization }
      .compactMap { try? DigestCredentials(parsing: message.value(of: $0)) }.first
    guard let given, case .request(_, let requestURI) = message.startLine else { return .challenge(isStale: false) }
    if given.uri != Array(requestURI) { complaints.append("a digest-uri that is not the Request-URI") }
    let algorithm = given.algorithm ?? settings.algorithm
    let asked = CachedNonce(
      source: .server, realm: given.realm, nonce: given.nonce, algorithm: algorithm, quality: given.quality,
      count: given.nonceCount ?? 0)
    let credential = Credential(
      username: String(decoding: given.username, as: UTF8.self), secret: .password(Self.password))
    let expected = Digest(algorithm).response(
      to: asked, for: DigestSubject(method: .register, uri: given.uri[...]), clientNonce: given.clientNonce ?? [],
      credential: credential)
    guard expected == given.response else { return .challenge(isStale: false) }
    let key = "\(site) \(String(decoding: given.nonce, as: UTF8.self))"
    guard let nonce = nonces[key] else { return .challenge(isStale: settings.saysStale) }
    guard now < nonce.issuedAt + settings.nonceLifetime else { return .challenge(isStale: true) }
    if let count = given.nonceCount {
      // A count that was seen is a replay; the client may ask for a new nonce (RFC 7616 §3.4).
      guard count > nonce.count else { return .challenge(isStale: settings.saysStale) }
      nonces[key]?.count = count
    }
    return .good
  }

  private mutating func challenge(site: Int, isStale: Bool, now: Instant) -> [UInt8] {
    let nonce = String(random.next(), radix: 16)
    nonces["\(site) \(nonce)"] = Nonce(issuedAt: now)
    if nonces.count > 4096 { nonces = nonces.filter { now < $0.value.issuedAt + settings.nonceLifetime * 4 } }
    var text = "Digest realm=\"example.test\", nonce=\"\(nonce)\", algorithm=\(settings.algorithm.token)"
    if settings.hasQuality { text += ", qop=\"auth\"" }
    if isStale { text += ", stale=true" }
    return Array(text.utf8)
  }
}
