import SIPMessage

/// Accounts that wait for a path, in the order in which they are asked and let go: first those that it has
/// answered before, whose binding ends soonest at the head, then strangers in an order that is nobody's. Those that have
/// asked already come after the others of their kind, so that each time another one asks. Now and then a stranger asks
/// between witnesses: these may all be in trouble of their own.
///
/// Heaps of eight bytes an account. An entry may be out of date: who takes it out looks.
struct WaitingLine: Sendable {
  /// Witnesses that ask before a stranger does: as many as may close a path, or all there are.
  private static let witnessesInARow = Evidence.Limits.witnesses

  private var witnesses = Round()
  private var strangers = Round()
  /// Since a stranger asked.
  private var witnessesAsked = 0

  var isEmpty: Bool { witnesses.isEmpty && strangers.isEmpty }
  var count: Int { witnesses.count + strangers.count }
  /// Some have not asked yet.
  var hasFresh: Bool { !witnesses.fresh.isEmpty || !strangers.fresh.isEmpty }

  /// The end of the binding that ends first, of those at the head, to the second.
  var soonestEnd: Instant? { Instant.earliest(witnesses.soonestEnd, strangers.soonestEnd) }

  /// - Parameters:
  ///   - end: of its binding; nil when it has none
  ///   - isWitness: whether it has been answered before
  ///   - hasAsked: since the path failed
  mutating func append(_ slot: Int32, end: Instant?, isWitness: Bool, hasAsked: Bool) {
    let entry = SlotHeap.entry(slot, end: end)
    if isWitness { witnesses.insert(entry, hasAsked) } else { strangers.insert(entry, hasAsked) }
  }

  /// Whether it is not for a witness to ask next.
  var isStrangersTurn: Bool {
    guard !witnesses.isEmpty else { return true }
    return witnessesAsked >= Self.witnessesInARow || witnessesAsked > 0 && witnesses.fresh.isEmpty
  }

  /// Who asks next.
  var asker: Int32? { (isStrangersTurn ? strangers.first : nil) ?? witnesses.first ?? strangers.first }

  mutating func popAsker() -> Int32? { (isStrangersTurn ? strangers.popFirst() : nil) ?? popFirst() }

  /// Somebody asks, who may not have stood in it.
  mutating func begins(questionOfWitness isWitness: Bool) { witnessesAsked = isWitness ? witnessesAsked + 1 : 0 }

  /// Who is let go next.
  mutating func popFirst() -> Int32? { witnesses.popFirst() ?? strangers.popFirst() }

  /// One that has not asked.
  mutating func popFresh() -> Int32? { witnesses.fresh.popFirst() ?? strangers.fresh.popFirst() }

  mutating func removeAll() -> [Int32] {
    var slots: [Int32] = []
    slots.reserveCapacity(count)
    while let slot = popFirst() { slots.append(slot) }
    return slots
  }

  /// Those who have yet to ask, and those who have: when there are none of the former, it begins anew.
  private struct Round: Sendable {
    var fresh = SlotHeap()
    private var asked = SlotHeap()

    var isEmpty: Bool { fresh.isEmpty && asked.isEmpty }
    var count: Int { fresh.count + asked.count }
    var soonestEnd: Instant? { Instant.earliest(fresh.soonestEnd, asked.soonestEnd) }
    var first: Int32? { fresh.first ?? asked.first }

    mutating func insert(_ entry: UInt64, _ hasAsked: Bool) {
      if hasAsked { asked.insert(entry) } else { fresh.insert(entry) }
    }

    mutating func popFirst() -> Int32? {
      if fresh.isEmpty { swap(&fresh, &asked) }
      return fresh.popFirst()
    }
  }
}

/// Numbers of accounts by what stands above them in 64 bits: a binary heap.
private struct SlotHeap: Sendable {
  /// Seconds of a binding's end are below this for 59 years after the origin.
  private static let unbound: UInt64 = 0x7000_0000

  private var entries: [UInt64] = []

  var isEmpty: Bool { entries.isEmpty }
  var count: Int { entries.count }

  var first: Int32? { entries.first.map(Self.slot) }

  var soonestEnd: Instant? {
    guard let first = entries.first, first >> 32 < Self.unbound else { return nil }
    return Instant(nanoseconds: (first >> 32) * 1_000_000_000)
  }

  static func entry(_ slot: Int32, end: Instant?) -> UInt64 {
    // Fibonacci hashing: neighbours in the file are none here.
    let order = UInt64(UInt32(bitPattern: slot) &* 2_654_435_769) >> 4
    let rank = end.map { min($0.nanoseconds / 1_000_000_000, unbound - 1) } ?? unbound + order
    return rank << 32 | UInt64(UInt32(bitPattern: slot))
  }

  mutating func insert(_ entry: UInt64) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, entries[child] < entries[(child - 1) / 2] {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> Int32? {
    guard let last = entries.popLast() else { return nil }
    guard let first = entries.first else { return Self.slot(last) }
    entries[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in 2 * parent + 1...2 * parent + 2 where child < entries.count && entries[child] < entries[least] {
        least = child
      }
      guard least != parent else { return Self.slot(first) }
      entries.swapAt(least, parent)
      parent = least
    }
  }

  private static func slot(_ entry: UInt64) -> Int32 { Int32(bitPattern: UInt32(truncatingIfNeeded: entry)) }
}

/// Numbers in the order in which they came.
struct SlotLine: Sendable {
  private var slots: [Int32] = []
  private var head = 0

  var isEmpty: Bool { head == slots.count }
  var count: Int { slots.count - head }

  mutating func append(_ slot: Int32) { slots.append(slot) }

  mutating func popFirst() -> Int32? {
    guard head < slots.count else { return nil }
    let slot = slots[head]
    head += 1
    if head == slots.count {
      (slots, head) = ([], 0)
    } else if head >= 1024, head * 2 > slots.count {
      slots.removeFirst(head)
      head = 0
    }
    return slot
  }

  mutating func popLast() -> Int32? { isEmpty ? nil : slots.removeLast() }

  mutating func removeAll() -> [Int32] {
    defer { (slots, head) = ([], 0) }
    return Array(slots[head...])
  }
}
