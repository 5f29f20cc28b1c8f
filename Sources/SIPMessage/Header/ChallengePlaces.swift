/// Where the values of a challenge are that count, without their quotes; 0-based in its text.
struct ChallengePlaces: Sendable {
  enum Name { case realm, nonce, opaque, stale, algorithm, quality, userHash }

  /// Few bytes: a challenge is handed through several hands.
  private struct Place: Sendable {
    private var start = UInt32.max
    private var end = UInt32.max

    var range: Range<Int>? {
      get { start == .max ? nil : Int(start)..<Int(end) }
      set {
        start = newValue.map { UInt32($0.lowerBound) } ?? .max
        end = newValue.map { UInt32($0.upperBound) } ?? .max
      }
    }
  }

  private var realm = Place()
  private var nonce = Place()
  private var opaque = Place()
  private var stale = Place()
  private var algorithm = Place()
  private var quality = Place()
  private var userHash = Place()

  init() {}

  subscript(name: Name) -> Range<Int>? {
    get {
      switch name {
      case .realm: realm.range
      case .nonce: nonce.range
      case .opaque: opaque.range
      case .stale: stale.range
      case .algorithm: algorithm.range
      case .quality: quality.range
      case .userHash: userHash.range
      }
    }
    set {
      switch name {
      case .realm: realm.range = newValue
      case .nonce: nonce.range = newValue
      case .opaque: opaque.range = newValue
      case .stale: stale.range = newValue
      case .algorithm: algorithm.range = newValue
      case .quality: quality.range = newValue
      case .userHash: userHash.range = newValue
      }
    }
  }

  func isTrue(_ name: Name, _ bytes: Span<UInt8>) -> Bool {
    guard let range = self[name] else { return false }
    return bytes.extracting(range).equalsIgnoringCase("true")
  }

  /// Reads one challenge of a field that may hold several (RFC 3261 §7.3.1 says it must not; HTTP joins them so).
  ///
  /// Deviation: what is odd and can mean one thing only is taken. Semicolons or nothing but space part parameters as commas
  /// do, a list of qualities needs no quotes, a parameter may be empty, and stand twice with the same value.
  ///
  /// - Parameter index: at auth-scheme; then at that of the next challenge, or at the end
  /// - Returns: what is to stand behind these bytes: the values that had quoted-pairs in them, without them.
  mutating func read(_ bytes: Span<UInt8>, from index: inout Int) throws(SyntaxError) -> [UInt8] {
    let scheme = index..<bytes.token(from: index)
    guard bytes.extracting(scheme).equalsIgnoringCase("Digest"), scheme.upperBound < bytes.count,
      bytes[scheme.upperBound].isWhiteSpace
    else { throw SyntaxError("auth-scheme", at: index) }
    index = scheme.upperBound
    var unescaped: [UInt8] = []
    var count = 0
    // A list of qualities without quotes goes on behind its comma.
    var hasBareQuality = false
    reading: while true {
      switch try ChallengeItem.next(bytes, from: &index) {
      case .end: break reading
      case .word(let word):
        if hasBareQuality, let offer = quality.range { quality.range = offer.lowerBound..<word.upperBound }
      case .parameter(let name, let value):
        count += 1
        hasBareQuality = false
        guard count <= AuthParameters.maximumCount else { throw SyntaxError("auth-param", at: index) }
        guard !value.isEmpty, let name = Name(bytes.extracting(name)) else { continue reading }
        let place = Self.unquoted(bytes, value, &unescaped)
        if let former = self[name] {
          // Two readers could read two different ones.
          if name.isDecisive, !Self.same(former, place, bytes, unescaped) {
            throw SyntaxError("auth-param", at: value.lowerBound)
          }
        } else {
          self[name] = place
          hasBareQuality = name == .quality && place == value
        }
      }
    }
    return unescaped
  }

  /// Whether the same stands at two places, each in these bytes or in what is to stand behind them.
  private static func same(
    _ left: Range<Int>, _ right: Range<Int>, _ bytes: Span<UInt8>, _ unescaped: [UInt8]
  ) -> Bool {
    func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : unescaped[index - bytes.count] }
    return left.count == right.count && zip(left, right).allSatisfy { byte($0) == byte($1) }
  }

  private static func unquoted(_ bytes: Span<UInt8>, _ value: Range<Int>, _ unescaped: inout [UInt8]) -> Range<Int> {
    guard bytes[value.lowerBound] == UInt8(ascii: "\"") else { return value }
    let inner = (value.lowerBound + 1)..<(value.upperBound - 1)
    guard bytes.first(UInt8(ascii: "\\"), in: inner) != nil else { return inner }
    let start = bytes.count + unescaped.count
    bytes.unescape(inner, into: &unescaped)
    return start..<(bytes.count + unescaped.count)
  }
}

extension ChallengePlaces.Name {
  /// An answer is made of these: two values would be two challenges.
  fileprivate var isDecisive: Bool {
    switch self {
    case .realm, .nonce, .opaque, .algorithm: true
    case .stale, .quality, .userHash: false
    }
  }

  fileprivate init?(_ name: Span<UInt8>) {
    switch name.count {
    case 3 where name.equalsIgnoringCase("qop"): self = .quality
    case 5 where name.equalsIgnoringCase("realm"): self = .realm
    case 5 where name.equalsIgnoringCase("nonce"): self = .nonce
    case 5 where name.equalsIgnoringCase("stale"): self = .stale
    case 6 where name.equalsIgnoringCase("opaque"): self = .opaque
    case 8 where name.equalsIgnoringCase("userhash"): self = .userHash
    case 9 where name.equalsIgnoringCase("algorithm"): self = .algorithm
    default: return nil
    }
  }
}

/// What a qop names (RFC 7616 §3.3).
struct QualityOffer {
  /// auth before auth-int; nil: none that is known.
  private(set) var best: QualityOfProtection?
  private(set) var hasUnknownOnly = false

  /// Deviation: semicolons and white space part the tokens of a list as commas do.
  mutating func read(_ list: Span<UInt8>) {
    var index = 0
    while index < list.count {
      let end = list.token(from: index)
      if let quality = QualityOfProtection(list.extracting(index..<end)) {
        if best == nil || quality == .auth { best = quality }
      } else if end > index {
        hasUnknownOnly = true
      }
      index = max(end, index + 1)
    }
    if best != nil { hasUnknownOnly = false }
  }
}
