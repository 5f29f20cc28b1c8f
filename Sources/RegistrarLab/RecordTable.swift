import SIPMessage

/// All records of a registrar by address-of-record, in numbers: one that is there stays, and keeps its number.
///
/// Open addressing with linear probing. A slot has half of a hash beside the number, so that few names but the right
/// one are compared; the names stand behind each other in one piece of memory.
struct RecordTable: Sendable {
  private struct Name {
    var start: UInt32
    var end: UInt32
  }

  /// Half of a hash above, the number of a record and one below; 0: empty. Their count is a power of two.
  private var slots = [UInt64](repeating: 0, count: 1 << 10)
  private var names: [Name] = []
  private var text: [UInt8] = []
  private var records: [Record] = []

  var count: Int { records.count }

  subscript(number: Int) -> Record {
    _read { yield records[number] }
    _modify { yield &records[number] }
  }

  func name(of number: Int) -> Bytes { text[Int(names[number].start)..<Int(names[number].end)] }

  func number(of name: [UInt8]) -> Int? {
    let hash = Self.hash(name)
    var slot = firstSlot(hash)
    while slots[slot] != 0 {
      if slots[slot] >> 32 == hash {
        let number = Int(slots[slot] & 0xFFFF_FFFF) - 1
        if text.span.extracting(Int(names[number].start)..<Int(names[number].end)).equals(name.span) { return number }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  /// A new record, for a name that has none.
  ///
  /// - Returns: its number.
  mutating func append(_ name: [UInt8]) -> Int {
    let end = text.count + name.count
    precondition(end <= Int(UInt32.max), "more names than a lab is made for")
    names.append(Name(start: UInt32(text.count), end: UInt32(end)))
    text.append(bytes: name)
    records.append(Record())
    if records.count * 4 > slots.count * 3 { grow() }
    enter(Self.hash(name) << 32 | UInt64(records.count))
    return records.count - 1
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 2)
    for entry in old where entry != 0 { enter(entry) }
  }

  private mutating func enter(_ entry: UInt64) {
    var slot = firstSlot(entry >> 32)
    while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
    slots[slot] = entry
  }

  private func firstSlot(_ hash: UInt64) -> Int { Int(hash) & (slots.count - 1) }

  private static func hash(_ name: [UInt8]) -> UInt64 {
    var hash = TextHash()
    hash.add(name.span)
    return hash.value >> 32
  }
}
