import SIPMessage

/// A nonce that a server gave out, so that the next request is one round trip (RFC 7616 §3.4, nc).
package struct CachedNonce: Sendable, Equatable {
  package var realm: [UInt8]
  /// Empty: it is of no use any more, and only what was accepted is remembered.
  package var nonce: [UInt8]
  package var opaque: [UInt8]?
  /// How often it was used; the next request carries one more.
  package var count: UInt32
  package var source: Challenge.Source
  package var algorithm: DigestAlgorithm
  // Quality and acceptance in one byte: there are as many nonces as accounts.
  private var traits: UInt8

  /// - Parameter isAccepted: a 2xx came with this algorithm
  package init(
    source: Challenge.Source, realm: [UInt8], nonce: [UInt8], opaque: [UInt8]? = nil, algorithm: DigestAlgorithm,
    quality: QualityOfProtection?, count: UInt32, isAccepted: Bool = true
  ) {
    self.source = source
    self.realm = realm
    self.nonce = nonce
    self.opaque = opaque
    self.algorithm = algorithm
    self.count = count
    traits = (quality?.rawValue ?? Self.noQuality) | (isAccepted ? Self.accepted : 0)
  }

  private static let noQuality: UInt8 = 0x7F
  private static let accepted: UInt8 = 0x80

  package var quality: QualityOfProtection? { QualityOfProtection(rawValue: traits & Self.noQuality) }

  package var isAccepted: Bool {
    get { traits & Self.accepted != 0 }
    set { traits = traits & Self.noQuality | (newValue ? Self.accepted : 0) }
  }

  var isSpent: Bool { nonce.isEmpty }

  /// It is not used again.
  mutating func spend() { (nonce, opaque, count) = ([], nil, 0) }
}
