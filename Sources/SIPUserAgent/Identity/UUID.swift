import Crypto
import SIPMessage

/// A universally unique identifier (RFC 9562).
package struct UUID: Hashable, Sendable {
  package let upper: UInt64
  package let lower: UInt64

  package init(upper: UInt64, lower: UInt64) { (self.upper, self.lower) = (upper, lower) }

  /// Made from a name and the namespace that it belongs to (version 5, §5.5): the same name is the same identifier.
  package init(name: some Sequence<UInt8>, in namespace: UUID) {
    var hash = Insecure.SHA1()
    for half in [namespace.upper, namespace.lower] {
      hash.update(data: (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) })
    }
    hash.update(data: Array(name))
    var halves: (UInt64, UInt64) = (0, 0)
    for (index, byte) in hash.finalize().prefix(16).enumerated() {
      if index < 8 { halves.0 = halves.0 << 8 | UInt64(byte) } else { halves.1 = halves.1 << 8 | UInt64(byte) }
    }
    upper = halves.0 & ~0xF000 | 0x5000
    lower = halves.1 & ~(0b11 << 62) | 0b10 << 62
  }
}

extension UUID: CustomStringConvertible {
  package var description: String {
    String(decoding: [UInt8](reserving: 36) { $0.append(uuid: upper, lower) }, as: UTF8.self)
  }
}
