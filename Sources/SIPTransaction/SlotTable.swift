import SIPMessage

/// Values in numbered slots that are used again, each with its use counted and at most one timer armed.
struct SlotTable<Element: Sendable>: Sendable {
  private struct Slot: Sendable {
    var element: Element?
    /// Which use of the slot this is.
    var serial: UInt32 = 0
    /// Counts settings of the timer over all uses of the slot.
    var timer: UInt32 = 0
    var deadline: Instant?
  }

  private var slots: [Slot] = []
  private var free: [Int32] = []

  var count: Int { slots.count - free.count }
  var indices: Range<Int32> { 0..<Int32(slots.count) }

  /// A slot of its own and the number of its use; `fill` or `giveBack` has to follow.
  mutating func reserve() -> (slot: Int32, serial: UInt32) {
    let slot = free.popLast() ?? Int32(slots.count)
    if slot == slots.count { slots.append(Slot()) }
    slots[Int(slot)].serial &+= 1
    return (slot, slots[Int(slot)].serial)
  }

  mutating func fill(_ slot: Int32, _ element: Element) { slots[Int(slot)].element = element }

  /// What was reserved is not needed.
  mutating func giveBack(_ slot: Int32) { free.append(slot) }

  /// What is in a slot, or was until it was retired.
  subscript(slot: Int32) -> Element? { slots.indices.contains(Int(slot)) ? slots[Int(slot)].element : nil }

  /// What is or was in a slot in this use of it; nil when there has been another since.
  subscript(slot: Int32, serial: UInt32) -> Element? {
    guard slots.indices.contains(Int(slot)), slots[Int(slot)].serial == serial else { return nil }
    return slots[Int(slot)].element
  }

  /// Which use of a slot this is.
  func serial(of slot: Int32) -> UInt32 { slots[Int(slot)].serial }

  /// Lends what is in a slot, to be changed. - Returns: nil when the slot is empty.
  @discardableResult
  mutating func update<Result>(_ slot: Int32, _ change: (inout Element) -> Result) -> Result? {
    guard slots.indices.contains(Int(slot)), slots[Int(slot)].element != nil else { return nil }
    return change(&slots[Int(slot)].element!)
  }

  mutating func release(_ slot: Int32) {
    guard slots.indices.contains(Int(slot)), slots[Int(slot)].element != nil else { return }
    slots[Int(slot)].element = nil
    slots[Int(slot)].deadline = nil
    free.append(slot)
  }

  /// Whether somebody else has used the slot since.
  func isOver(_ slot: Int32, _ serial: UInt32) -> Bool {
    guard slots.indices.contains(Int(slot)), serial > 0 else { return false }
    return (1...UInt32(Int32.max)).contains(slots[Int(slot)].serial &- serial)
  }

  /// Frees the slot, and leaves what is in it to be looked at until somebody else needs it.
  mutating func retire(_ slot: Int32) {
    slots[Int(slot)].deadline = nil
    free.append(slot)
  }

  /// - Returns: the generation to set the timer with; nil when it is armed at this instant already.
  mutating func arm(_ slot: Int32, at deadline: Instant) -> UInt32? {
    guard slots[Int(slot)].deadline != deadline else { return nil }
    slots[Int(slot)].deadline = deadline
    slots[Int(slot)].timer &+= 1
    return slots[Int(slot)].timer
  }

  mutating func disarm(_ slot: Int32) { slots[Int(slot)].deadline = nil }

  func isArmed(_ slot: Int32, _ generation: UInt32) -> Bool {
    guard slots.indices.contains(Int(slot)) else { return false }
    return slots[Int(slot)].deadline != nil && slots[Int(slot)].timer == generation
  }
}
