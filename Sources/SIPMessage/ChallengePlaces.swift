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

  /// - Returns: what is to stand behind these bytes: the values that had quoted-pairs in them, without them.
  mutating func read(_ bytes: Span<UInt8>) throws(SyntaxError) -> [UInt8] {
    var index = try AuthParameters.scheme(bytes)
    guard bytes.extracting(0..<index).equalsIgnoringCase("Digest") else { throw SyntaxError("auth-scheme") }
    var unescaped: [UInt8] = []
    var others: [AuthParameters.Parameter] = []
    var count = 0
    while let parameter = try AuthParameters.next(bytes, from: &index) {
      count += 1
      guard count <= AuthParameters.maximumCount else { throw SyntaxError("auth-param") }
      if let name = Name(bytes.extracting(parameter.name)) {
        guard self[name] == nil else { throw SyntaxError("auth-param") }
        self[name] = Self.unquoted(bytes, parameter.value, &unescaped)
      } else {
        guard !AuthParameters.isNamed(bytes, parameter.name, as: others) else { throw SyntaxError("auth-param") }
        others.append(parameter)
      }
    }
    return unescaped
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

  mutating func read(_ list: Span<UInt8>) {
    var start = 0
    while start <= list.count {
      let end = list.separator(from: start) ?? list.count
      let token = list.trimmed(start..<end)
      if let quality = QualityOfProtection(list.extracting(token)) {
        if best == nil || quality == .auth { best = quality }
      } else if !token.isEmpty {
        hasUnknownOnly = true
      }
      start = end + 1
    }
    if best != nil { hasUnknownOnly = false }
  }
}
