import SIPUserAgent
import ShardCore

/// The series of CSeq numbers in the table `meta`. What changed is written at the end of a transaction; when one fails the
/// file is opened anew, and this with it.
///
/// | of the table `meta` | is |
/// | --- | --- |
/// | `series` | the number of the last series |
/// | `identity_seed` | what identities are made of that have no row yet, in hexadecimal digits |
/// | `identity_cseq` | no identity without a row has used a number above this one and those of all series |
final class StoredSeries {
  private let meta: MetaTable
  private(set) var series: CSeqSeries
  private var written: CSeqSeries

  init(_ meta: MetaTable) throws(DatabaseError) {
    self.meta = meta
    series = CSeqSeries(
      current: try meta["series"].flatMap { Int64($0) }, seed: try meta["identity_seed"].flatMap(Self.bytes),
      base: try meta["identity_cseq"].flatMap { Int64($0) })
    written = series
  }

  private static func bytes(_ digits: String) -> [UInt8]? {
    guard digits.utf8.count.isMultiple(of: 2) else { return nil }
    let bytes = stride(from: 0, to: digits.utf8.count, by: 2).map {
      UInt8(digits.dropFirst($0).prefix(2), radix: 16)
    }
    return bytes.contains(nil) ? nil : bytes.compactMap(\.self)
  }

  /// Changes it within a transaction; `store` has to follow.
  func update<Result>(_ change: (inout CSeqSeries) -> Result) -> Result { change(&series) }

  func renewSeed() {
    var chance = SystemRandomNumberGenerator()
    series.renewSeed(using: &chance)
  }

  /// At the end of a transaction.
  func store() throws(DatabaseError) {
    if series.current != written.current { try meta.set("series", "\(series.current)") }
    let isSeedNew = series.seed != written.seed
    if isSeedNew, let seed = series.seed {
      var digits: [UInt8] = []
      for byte in seed { digits.append(hexadecimal: UInt64(byte), digits: 2) }
      try meta.set("identity_seed", String(decoding: digits, as: UTF8.self))
    }
    if isSeedNew || series.base != written.base { try meta.set("identity_cseq", "\(series.base)") }
    written = series
  }
}
