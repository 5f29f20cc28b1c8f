/// One WWW-Authenticate or Proxy-Authenticate value of the digest scheme (RFC 3261 §22.4, RFC 7616 §3.3, RFC 8760).
///
/// Its text is the message's; realm, nonce and opaque are copied each time they are asked for.
package struct Challenge: Sendable {
  /// Who asks: the server (401) or a proxy (407).
  package enum Source: UInt8, Sendable { case server, proxy }

  /// Of realm, nonce and opaque each, in bytes: longer ones would be copied into every request, and are refused. Tokens
  /// of identity providers that serve as nonces have up to 2,000.
  package static let maximumNonceLength = 4096

  package let source: Source
  /// The former nonce was too old, the credentials good (RFC 7616 §3.3).
  package let isStale: Bool
  /// nil: an algorithm that is not known here. Missing means MD5.
  package let algorithm: DigestAlgorithm?
  /// The first of those that are known; auth before auth-int.
  package let quality: QualityOfProtection?
  /// A qop was offered, but none that is known here.
  package let hasUnknownQualityOnly: Bool
  /// The server takes a hashed user name (RFC 7616 §3.4.4).
  package let allowsUserHash: Bool
  /// The value; behind it what had quoted-pairs in it, without them.
  private let text: Bytes
  private let places: ChallengePlaces

  /// - Throws: when realm or nonce are missing, a parameter has two values or is too long, or the scheme is not Digest.
  package init(parsing value: Bytes, from source: Source) throws(SyntaxError) {
    let value = value.trimmed
    var index = 0
    try self.init(parsing: value, at: &index, from: source)
  }

  /// Every challenge of the digest scheme in a header field value that can be read, in order.
  static func forEach(in value: Bytes, from source: Source, _ body: (Challenge) -> Void) {
    var index = ChallengeItem.separators(value.span, from: 0)
    while index < value.count {
      let start = index
      do throws(SyntaxError) {
        body(try Challenge(parsing: value, at: &index, from: source))
      } catch {
        index = ChallengeItem.nextChallenge(value.span, after: start)
      }
    }
  }

  private init(parsing value: Bytes, at index: inout Int, from source: Source) throws(SyntaxError) {
    var places = ChallengePlaces()
    let unescaped = try places.read(value.span, from: &index)
    guard let realm = places[.realm], let nonce = places[.nonce], !nonce.isEmpty,
      max(nonce.count, realm.count, places[.opaque]?.count ?? 0) <= Self.maximumNonceLength
    else { throw SyntaxError("challenge") }
    let text = unescaped.isEmpty ? value : (value + unescaped)
    let bytes = text.span
    self.text = text
    self.places = places
    self.source = source
    isStale = places.isTrue(.stale, bytes)
    allowsUserHash = places.isTrue(.userHash, bytes)
    if let algorithm = places[.algorithm], !algorithm.isEmpty {
      self.algorithm = DigestAlgorithm(bytes.extracting(algorithm))
    } else {
      algorithm = DigestAlgorithm(hash: .md5)
    }
    var offer = QualityOffer()
    if let quality = places[.quality] { offer.read(bytes.extracting(quality)) }
    quality = offer.best
    hasUnknownQualityOnly = offer.hasUnknownOnly
  }
}

extension Challenge {
  package var realm: [UInt8] { copy(places[.realm]) ?? [] }
  package var nonce: [UInt8] { copy(places[.nonce]) ?? [] }
  package var opaque: [UInt8]? { copy(places[.opaque]) }

  /// Bytes of realm, nonce and opaque, as an answer repeats them, before anything is escaped.
  package var repeatedLength: Int {
    (places[.realm]?.count ?? 0) + (places[.nonce]?.count ?? 0) + (places[.opaque]?.count ?? 0)
  }

  /// As it is written; nil: none is named.
  package var algorithmName: Bytes? { places[.algorithm].map(text.part) }

  /// The offer as it is written; nil: there is none.
  package var qualityNames: Bytes? { places[.quality].map(text.part) }

  /// In the order of the offer; empty when the challenge has none, as in RFC 2069.
  package var qualities: [QualityOfProtection] {
    guard let place = places[.quality] else { return [] }
    return text.part(place).split { !$0.isToken }.compactMap { QualityOfProtection($0) }
  }

  /// Whether it is for this realm, without a copy.
  package func isFor(_ realm: [UInt8]) -> Bool {
    places[.realm].map { text.span.extracting($0).equals(realm.span) } ?? false
  }

  /// A quoted-string can hold control characters; what does is not copied into a request.
  package var isPrintable: Bool {
    let bytes = text.span
    for name in [ChallengePlaces.Name.realm, .nonce, .opaque] {
      if let range = places[name], !bytes.isPrintable(in: range) { return false }
    }
    return true
  }

  private func copy(_ range: Range<Int>?) -> [UInt8]? {
    range.map { range in [UInt8](reserving: range.count) { $0.append(text.span.extracting(range)) } }
  }
}
