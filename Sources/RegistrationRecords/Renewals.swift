import SIPMessage
import SIPUserAgent

/// The newest renewal of each record, as a start finds them: an open hash table, since there may be one for each of a
/// million accounts. What a renewal means is found out when somebody asks.
struct Renewals: ~Copyable {
  /// A row, without its entries.
  private struct Row {
    var batch: Int64
    /// Milliseconds since 1970, as the remaining times of its entries are meant.
    var times: StateTimes
  }

  private struct Slot {
    var key: UInt64 = 0
    /// The number of the row, from 1; 0: the slot is free.
    var row: UInt32 = 0
    // Milliseconds.
    var remaining: UInt32 = 0
    var granted: UInt32 = 0
    var nonceCount: UInt32 = 0
  }

  private var rows: [Row] = []
  /// At the hash of the key or the next free one behind it; a power of two of them.
  private var slots = [Slot](repeating: Slot(), count: 64)
  private var count = 0

  /// Takes in a row; rows come in the order of their batches.
  mutating func add(_ row: borrowing Statement) {
    let savedAt = row.integer(2)
    rows.append(
      Row(
        batch: row.integer(0),
        times: StateTimes(
          savedAt: savedAt, savedInstant: row.integer(3), boot: row.integer(4), expiresAt: nil, granted: nil)))
    row.withSpan(of: 5) { entries in
      for start in stride(from: 0, through: entries.count - RenewalRow.entrySize, by: RenewalRow.entrySize) {
        insert(
          Slot(
            key: entries.number(UInt64.self, at: start), row: UInt32(rows.count),
            remaining: entries.number(at: start + 8), granted: entries.number(at: start + 12),
            nonceCount: entries.number(at: start + 16)))
      }
    }
  }

  /// What became of a record after the batch that was last when it was written.
  func renewal(of key: UInt64, after batch: Int64, _ reading: StateTimes.Reading) -> Renewal? {
    let slot = slots[position(of: key)]
    guard slot.row > 0, rows[Int(slot.row) - 1].batch > batch else { return nil }
    var times = rows[Int(slot.row) - 1].times
    times.expiresAt = times.savedAt.addingReportingOverflow(Int64(slot.remaining)).partialValue
    times.granted = Int64(slot.granted)
    let binding = times.binding(at: reading)
    return Renewal(
      key: key, registeredAt: binding?.registeredAt ?? .origin, expiresAt: binding?.expiresAt ?? .origin,
      nonceCount: slot.nonceCount)
  }

  // MARK: Slots

  private mutating func insert(_ slot: Slot) {
    let position = position(of: slot.key)
    if slots[position].row == 0 { count += 1 }
    slots[position] = slot
    // A quarter is free at least.
    if count > slots.count / 4 * 3 { grow() }
  }

  private mutating func grow() {
    let former = slots
    slots = [Slot](repeating: Slot(), count: 2 * former.count)
    for slot in former where slot.row > 0 { slots[position(of: slot.key)] = slot }
  }

  /// Where the key is, or belongs.
  private func position(of key: UInt64) -> Int {
    // Keys are chance for the most part; those that are not are spread (Fibonacci hashing).
    var position = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 20) & (slots.count - 1)
    while slots[position].row > 0, slots[position].key != key { position = (position + 1) & (slots.count - 1) }
    return position
  }
}

extension Span<UInt8> {
  /// A number, the highest byte first.
  fileprivate func number<Value: FixedWidthInteger>(_ type: Value.Type = Value.self, at start: Int) -> Value {
    (start..<start + MemoryLayout<Value>.size).reduce(0) { $0 << 8 | Value(truncatingIfNeeded: self[$1]) }
  }
}
