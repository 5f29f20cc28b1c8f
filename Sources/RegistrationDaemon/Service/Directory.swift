import SIPUserAgent

/// Where each account lives, by its name: a hash table of positions over a list, which takes half of what a dictionary
/// of names would.
struct Directory: Sendable {
  struct Place: Sendable, Equatable {
    var shard: Int32
    var id: AccountID

    init(shard: Int, id: AccountID) { (self.shard, self.id) = (Int32(shard), id) }
  }

  private struct Entry {
    /// nil: free.
    var name: String?
    var place: Place
  }

  private static let free: Int32 = -1

  private var entries: [Entry] = []
  private var freeEntries: [Int32] = []
  /// Positions in `entries`, at the hash of the name or the next free slot behind it; a power of two of them.
  private var slots: [Int32] = []
  /// Positions in the order of the names; made when somebody asks.
  private var order: [Int32]?

  var count: Int { entries.count - freeEntries.count }

  /// Makes room for so many more, and no more than that.
  mutating func reserve(_ more: Int) {
    entries.reserveCapacity(entries.count + more)
    makeSlots(for: count + more)
  }

  subscript(name: String) -> Place? { position(of: name).map { entries[$0].place } }

  /// How many entries were made before that of the account with this store key: at the start, its place in the file.
  func position(ofStoreKey key: String) -> Int? {
    // A name may hold spaces, a URI does not.
    let bytes = key.utf8
    guard let last = bytes.lastIndex(of: 0x20), let first = bytes[..<last].lastIndex(of: 0x20) else { return nil }
    return position(of: String(key[..<first]))
  }

  /// An account that has the name already moves.
  mutating func insert(_ name: String, _ place: Place) {
    makeSlots(for: count + 1)
    let slot = slot(for: name)
    guard slots[slot] == Self.free else { return entries[Int(slots[slot])].place = place }
    order = nil
    let entry = Entry(name: name, place: place)
    if let reused = freeEntries.popLast() {
      slots[slot] = reused
      entries[Int(reused)] = entry
    } else {
      slots[slot] = Int32(entries.count)
      entries.append(entry)
    }
  }

  mutating func remove(_ name: String) -> Place? {
    guard var slot = slot(of: name) else { return nil }
    let position = slots[slot]
    let place = entries[Int(position)].place
    entries[Int(position)].name = nil
    freeEntries.append(position)
    order = nil
    // Whoever stands behind it only because it was taken moves up.
    slots[slot] = Self.free
    var next = (slot + 1) & mask
    while slots[next] != Self.free {
      let home = Self.hash(entries[Int(slots[next])].name ?? "") & mask
      if (next - home) & mask >= (next - slot) & mask {
        slots[slot] = slots[next]
        slots[next] = Self.free
        slot = next
      }
      next = (next + 1) & mask
    }
    return place
  }

  /// All of them, in no order.
  var all: some Sequence<(name: String, place: Place)> {
    entries.lazy.compactMap { entry in entry.name.map { ($0, entry.place) } }
  }

  /// Where entries stand, those of accounts and free ones.
  var positions: Range<Int> { entries.indices }

  /// A part of all of them, so that nobody has to walk over a million at once.
  func places(at positions: Range<Int>) -> [Place] {
    let positions = positions.clamped(to: entries.indices)
    return positions.lazy.filter { entries[$0].name != nil }.map { entries[$0].place }
  }

  // MARK: In order

  /// At most so many that come after this name, in the order of the names.
  mutating func entries(after name: String?, limit: Int) -> [(name: String, place: Place)] {
    let order = order ?? sorted()
    self.order = order
    var low = 0
    if let name {
      var high = order.count
      while low < high {
        let middle = (low + high) / 2
        if self.name(order[middle]) <= name { low = middle + 1 } else { high = middle }
      }
    }
    return order[low...].prefix(limit).map { (self.name($0), entries[Int($0)].place) }
  }

  private func name(_ position: Int32) -> String { entries[Int(position)].name ?? "" }

  /// Most files are in order: then it is only seen.
  private func sorted() -> [Int32] {
    let positions = entries.indices.compactMap { entries[$0].name == nil ? nil : Int32($0) }
    let isSorted = zip(positions, positions.dropFirst()).allSatisfy { name($0) < name($1) }
    return isSorted ? positions : positions.sorted { name($0) < name($1) }
  }

  // MARK: Slots

  private var mask: Int { slots.count - 1 }

  private func position(of name: String) -> Int? { slot(of: name).map { Int(slots[$0]) } }

  private func slot(of name: String) -> Int? {
    guard !slots.isEmpty else { return nil }
    let slot = slot(for: name)
    return slots[slot] == Self.free ? nil : slot
  }

  /// Where the name is, or belongs.
  private func slot(for name: String) -> Int {
    var slot = Self.hash(name) & mask
    while slots[slot] != Self.free, entries[Int(slots[slot])].name != name { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func fillSlot(of name: String, with position: Int32) {
    var slot = Self.hash(name) & mask
    while slots[slot] != Self.free { slot = (slot + 1) & mask }
    slots[slot] = position
  }

  /// A quarter of them is free at least.
  private mutating func makeSlots(for count: Int) {
    guard count > slots.count / 4 * 3 else { return }
    var size = 16
    while count > size / 4 * 3 { size *= 2 }
    slots = [Int32](repeating: Self.free, count: size)
    for (position, entry) in entries.enumerated() {
      if let name = entry.name { fillSlot(of: name, with: Int32(position)) }
    }
  }

  /// FNV-1a, its halves folded: the names come from our own operator.
  private static func hash(_ name: String) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var name = name
    name.withUTF8 { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
    return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF)
  }

  /// Spreads accounts over shards the same way at every start.
  static func shard(of name: String, among count: Int) -> Int { count == 1 ? 0 : hash(name) % count }
}
