import SIPUserAgent

/// How CSeq numbers are reserved for all accounts with one write (RFC 3261 §10.2.4), as a store keeps it: each process
/// begins a series, and so do accounts that come while it runs. A series is good for `IdentityOrigin.reserve` numbers of
/// each account, from where the one before it ended.
package struct CSeqSeries: Sendable {
  private static let reserve = Int64(IdentityOrigin.reserve)
  /// Beyond it is nothing that anybody counted.
  private static let numbers: ClosedRange<Int64> = 0...Int64(UInt32.max)
  /// Identities that came so far begin anew as others.
  private static let lastFirst = Int64(UInt32.max) / 4

  /// The number of the last series.
  package private(set) var current: Int64
  /// What identities are made of that have no row; nil: none yet, or nobody knows what was used under it.
  package private(set) var seed: [UInt8]?
  /// No identity without a row has used a number above this one and those of all series.
  package private(set) var base: Int64
  /// By this process.
  private var isBegun = false

  /// As a former process left it; what makes no sense was left by nobody.
  package init(current: Int64? = nil, seed: [UInt8]? = nil, base: Int64? = nil) {
    let base = base.flatMap { Self.numbers.contains($0) ? $0 : nil }
    self.current = current.flatMap { Self.numbers.contains($0) ? $0 : nil } ?? 0
    self.base = base ?? 0
    self.seed = base == nil || seed?.count != IdentityOrigin.seedLength ? nil : seed
  }

  package mutating func begin() {
    current += 1
    isBegun = true
  }

  /// For accounts without a row: begins a series for them.
  ///
  /// - Returns: nil when no number is left.
  package mutating func makeOrigin(using chance: inout some RandomNumberGenerator) -> IdentityOrigin? {
    begin()
    if firstCSeq > Self.lastFirst || seed == nil { renewSeed(using: &chance) }
    guard let seed, firstCSeq <= Self.lastFirst else { return nil }
    return IdentityOrigin(seed: seed, firstCSeq: UInt32(firstCSeq))
  }

  private var firstCSeq: Int64 { base + current * Self.reserve + 1 }

  /// Nobody knows how far the CSeq of those has come that began with the old one: they begin with other identities.
  package mutating func renewSeed(using chance: inout some RandomNumberGenerator) {
    seed = (0..<IdentityOrigin.seedLength).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
    base = 0
  }

  /// The ceiling of a row as it is now: above what was reserved by series that began after it was written, but for the
  /// one that this process began.
  ///
  /// - Returns: nil when the row makes no sense.
  package func ceiling(_ stored: Int64, writtenIn series: Int64) -> UInt32? {
    guard let stored = UInt32(exactly: stored), (0...current).contains(series) else { return nil }
    return UInt32(clamping: Int64(stored) + max(current - (isBegun ? 1 : 0) - series, 0) * Self.reserve)
  }

  /// A row goes: should the account ever come back, it does so under the same identity.
  package mutating func forget(ceiling: Int64, writtenIn series: Int64) {
    let used = Int64(UInt32(clamping: ceiling)) + (current - min(max(series, 0), current)) * Self.reserve
    base = max(base, used)
  }
}
