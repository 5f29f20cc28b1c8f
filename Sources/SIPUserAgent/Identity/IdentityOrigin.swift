import Crypto
import SIPMessage

/// Where accounts come from that have no record: the same one has the same Call-ID and From tag in every process, so
/// that nothing has to be stored before they are used, and its CSeq begins where no process before has been.
package struct IdentityOrigin: Sendable, Equatable {
  /// So many CSeq numbers are safe from the first one on, of these accounts and of those that have a record.
  package static let reserve = CSeqSpace.reserve
  package static let seedLength = 16

  private let seed: [UInt8]
  private let firstCSeq: UInt32

  /// - Parameters:
  ///   - seed: chance, kept as long as any account may have no record
  ///   - firstCSeq: above all that went out under these identities
  package init(seed: [UInt8], firstCSeq: UInt32) {
    self.seed = seed
    self.firstCSeq = firstCSeq
  }

  /// - Parameter key: what its record would be kept under
  package func record(of account: Account, key: Span<UInt8>) -> RegistrationRecord {
    var hash = SHA256()
    unsafe seed.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    unsafe key.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
    let identity = unsafe hash.finalize().withUnsafeBytes { bytes in
      unsafe CompactIdentity(
        high: bytes.loadUnaligned(as: UInt64.self).bigEndian,
        low: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian,
        tag: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self).bigEndian)
    }
    return RegistrationRecord(
      identity: identity, addressOfRecord: account.addressOfRecord, cSeqCeiling: firstCSeq, binding: nil,
      nonces: ShortList(),
      minimumExpires: nil, pause: nil)
  }
}

extension CompactIdentity {
  /// RFC 9562 §5.8: version 8, since it is calculated; variant 10.
  fileprivate init(high: UInt64, low: UInt64, tag: UInt64) {
    self = .made(
      high: high & 0xFFFF_FFFF_FFFF_0FFF | 0x8000, low: low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000, tag: tag)
  }
}
