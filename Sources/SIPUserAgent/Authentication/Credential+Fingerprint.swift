import Crypto
import SIPMessage

extension Credential {
  /// Tells whether credentials that were rejected have been changed since, without telling what they were.
  ///
  /// It is kept in a file, where whoever reads it could try guesses as fast as a hash can be calculated, however the hash
  /// is made. So there are sixteen bits only: a dictionary of a million words leaves fifteen that fit, and none of them is
  /// confirmed. Of a secret it always has the same sixteen bits, whoever has that secret and whenever it was written, with
  /// nothing mixed in but what is known anyway: many fingerprints of one secret say no more than one. The price is that
  /// one changed password of 65,536 is tried at the next probe and not at once.
  static func fingerprint(of credentials: ShortList<Credential>) -> UInt16 {
    var fingerprint: UInt16 = 0
    credentials.forEachLent { credential in
      let secret = shortHash([credential.hash?.rawValue ?? .max], credential.secret)
      let owner = shortHash(credential.realm.map { $0 + [0] } ?? [], credential.username)
      fingerprint = (fingerprint << 5 | fingerprint >> 11) ^ secret ^ owner
    }
    return fingerprint
  }

  private static func shortHash(_ beginning: [UInt8], _ rest: Bytes) -> UInt16 {
    var hash = SHA256()
    hash.update(data: beginning)
    hash.update(data: rest)
    return hash.finalize().prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
  }
}
