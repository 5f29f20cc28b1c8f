import SIPMessage
import SIPUserAgent

/// The nonces of an account in one column:
///
/// ```abnf
/// nonces = *nonce
/// nonce  = source hash kind quality count realm nonce-value opaque    ; one byte each, count four
/// kind   = %x00-03           ; 1: of a -sess algorithm, 2: nothing was accepted with it yet
/// realm  = length *OCTET     ; length is two bytes, the higher first; FFFF: there is none
/// ```
enum NonceCoding {
  fileprivate static let absent: UInt16 = .max
  private static let session: UInt8 = 1
  private static let untried: UInt8 = 2

  static func append(_ nonce: CachedNonce, to bytes: inout [UInt8]) {
    let fixed = 8 + 3 * 2
    bytes.append(reserving: fixed + nonce.realm.count + nonce.nonce.count + (nonce.opaque?.count ?? 0)) { text in
      text.append(nonce.source.rawValue)
      text.append(nonce.algorithm.hash.rawValue)
      text.append((nonce.algorithm.isSession ? session : 0) | (nonce.isAccepted ? 0 : untried))
      text.append(nonce.quality?.rawValue ?? .max)
      append(nonce.count, to: &text)
      append(nonce.realm, to: &text)
      append(nonce.nonce, to: &text)
      if let opaque = nonce.opaque { append(opaque, to: &text) } else { append(absent, to: &text) }
    }
  }

  /// nil when the bytes are not what `append` makes.
  static func decode(_ bytes: Span<UInt8>) -> [CachedNonce]? {
    var position = 0
    var nonces: [CachedNonce] = []
    while position < bytes.count {
      guard let source = bytes.byte(&position).flatMap(Challenge.Source.init),
        let hash = bytes.byte(&position).flatMap(DigestAlgorithm.Hash.init), let kind = bytes.byte(&position),
        kind <= session | untried, let quality = bytes.byte(&position), let count = bytes.number(4, &position),
        let realm = bytes.field(&position) ?? nil, let nonce = bytes.field(&position) ?? nil,
        let opaque = bytes.field(&position)
      else { return nil }
      nonces.append(
        CachedNonce(
          source: source, realm: realm, nonce: nonce, opaque: opaque,
          algorithm: DigestAlgorithm(hash: hash, isSession: kind & session != 0),
          quality: QualityOfProtection(rawValue: quality), count: count, isAccepted: kind & untried == 0))
    }
    return nonces
  }

  private static func append(_ field: [UInt8], to text: inout TextWriter) {
    append(UInt16(clamping: field.count), to: &text)
    text.append(field.span.extracting(first: Int(absent)))
  }

  /// The highest byte first.
  private static func append<Value: FixedWidthInteger>(_ value: Value, to text: inout TextWriter) {
    for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
      text.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}

extension Span<UInt8> {
  // Each takes what it reads away from the front of what is left.

  fileprivate func byte(_ position: inout Int) -> UInt8? {
    guard position < count else { return nil }
    defer { position += 1 }
    return self[position]
  }

  /// Of so many bytes.
  fileprivate func number(_ size: Int, _ position: inout Int) -> UInt32? {
    guard count - position >= size else { return nil }
    defer { position += size }
    return (position..<position + size).reduce(0) { $0 << 8 | UInt32(self[$1]) }
  }

  /// The outer nil: broken; the inner: none.
  fileprivate func field(_ position: inout Int) -> [UInt8]?? {
    guard let length = number(2, &position) else { return .none }
    if length == UInt32(NonceCoding.absent) { return .some(nil) }
    guard count - position >= Int(length) else { return .none }
    defer { position += Int(length) }
    return extracting(position..<position + Int(length)).withUnsafeBufferPointer { Array($0) }
  }
}
