import SIPMessage
import SIPUserAgent

/// The nonces of an account in one column:
///
/// ```abnf
/// nonces = *nonce
/// nonce  = source hash is-session quality count realm nonce-value opaque    ; one byte each, count four
/// realm  = length *OCTET     ; length is two bytes, the higher first; FFFF: there is none
/// ```
enum NonceCoding {
  private static let absent: UInt16 = .max

  static func encode(_ nonces: [CachedNonce]) -> [UInt8] {
    var bytes: [UInt8] = []
    for nonce in nonces {
      bytes.append(nonce.source.rawValue)
      bytes.append(nonce.algorithm.hash.rawValue)
      bytes.append(nonce.algorithm.isSession ? 1 : 0)
      bytes.append(nonce.quality?.rawValue ?? .max)
      append(nonce.count, to: &bytes)
      for field in [nonce.realm, nonce.nonce, nonce.opaque] {
        append(field.map { UInt16(clamping: $0.count) } ?? absent, to: &bytes)
        bytes += field?.prefix(Int(absent)) ?? []
      }
    }
    return bytes
  }

  /// nil when the bytes are not what `encode` makes.
  static func decode(_ bytes: [UInt8]) -> [CachedNonce]? {
    var rest = bytes[...]
    var nonces: [CachedNonce] = []
    while !rest.isEmpty {
      guard let source = rest.popFirst().flatMap(Challenge.Source.init),
        let hash = rest.popFirst().flatMap(DigestAlgorithm.Hash.init), let isSession = rest.popFirst(), isSession <= 1,
        let quality = rest.popFirst(), let count: UInt32 = integer(&rest), let realm = field(&rest) ?? nil,
        let nonce = field(&rest) ?? nil, let opaque = field(&rest)
      else { return nil }
      nonces.append(
        CachedNonce(
          source: source, realm: realm, nonce: nonce, opaque: opaque,
          algorithm: DigestAlgorithm(hash: hash, isSession: isSession == 1),
          quality: QualityOfProtection(rawValue: quality), count: count))
    }
    return nonces
  }

  /// The outer nil: broken; the inner: none.
  private static func field(_ rest: inout ArraySlice<UInt8>) -> [UInt8]?? {
    guard let length: UInt16 = integer(&rest) else { return .none }
    if length == absent { return .some(nil) }
    guard rest.count >= Int(length) else { return .none }
    defer { rest = rest.dropFirst(Int(length)) }
    return .some(Array(rest.prefix(Int(length))))
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
  }

  private static func integer<Value: FixedWidthInteger>(_ rest: inout ArraySlice<UInt8>) -> Value? {
    let size = MemoryLayout<Value>.size
    guard rest.count >= size else { return nil }
    defer { rest = rest.dropFirst(size) }
    return rest.prefix(size).reduce(0) { $0 << 8 | Value(truncatingIfNeeded: $1) }
  }
}
