import SIPMessage

/// The registrations of a user agent by their numbers, which account owns which, and how many there are in each state.
///
/// A registration that an event is about is looked up once, and lent for the length of the event.
struct Registrations: Sendable {
  /// With one more at the end that nobody has: whatever number is asked for, one of them is lent.
  private var slots: [Registrant?] = [nil]
  /// Of each account; `none` where there is no such account.
  private var slotOfAccount: [Int32] = []
  private var freeSlots: [Int32] = []
  /// How many accounts there are in each state and bound.
  private(set) var counts = StateTally()
  var addressees = Addressees()

  private static let none: Int32 = -1

  /// The numbers that registrations have, and some that they have had.
  var indices: Range<Int32> { 0..<Int32(slots.count - 1) }

  /// Makes room for so many accounts, and no more than that.
  mutating func reserve(_ count: Int) {
    slots.reserveCapacity(count + 1)
    slotOfAccount.reserveCapacity(count)
  }

  /// What is held, lent and not copied; nil when there is no such registration.
  subscript(slot: Int32) -> Registrant? {
    @inline(__always) _read { yield slots[min(Int(slot), slots.count - 1)] }
  }

  func slot(of id: AccountID) -> Int32? {
    guard slotOfAccount.indices.contains(Int(id.index)) else { return nil }
    let slot = slotOfAccount[Int(id.index)]
    return slot == Self.none ? nil : slot
  }

  /// The number of the registration that is placed next.
  mutating func takeNumber() -> Int32 {
    freeSlots.popLast() ?? indices.upperBound
  }

  /// - Parameter registrant: with a number that was taken for it
  mutating func place(_ registrant: consuming Registrant) {
    let (slot, account) = (Int(registrant.slot), Int(registrant.id.index))
    if slot < addressees.next { addressees.forget() }
    counts.insert(registrant.standing)
    if slotOfAccount.count <= account {
      slotOfAccount += repeatElement(Self.none, count: account + 1 - slotOfAccount.count)
    }
    slotOfAccount[account] = Int32(slot)
    if slot == slots.count - 1 { slots.append(nil) }
    slots[slot] = consume registrant
  }

  /// Lends a registration where it is, looked up once.
  ///
  /// - Returns: nil when there is no such registration.
  @inline(__always)
  mutating func lend<Result>(_ slot: Int32, _ body: (inout Registrant) -> Result) -> Result? {
    if case nil = self[slot] { return nil }
    return body(&slots[Int(slot)]!)
  }

  /// It stands otherwise than before it was lent.
  mutating func move(from former: Standing, to standing: Standing) { counts.move(from: former, to: standing) }

  /// Its number is free.
  mutating func remove(_ slot: Int32, after former: Standing) {
    guard let id = self[slot]?.id else { return }
    counts.remove(former)
    slots[Int(slot)] = nil
    slotOfAccount[Int(id.index)] = Self.none
    freeSlots.append(slot)
    addressees.forget()
  }

  // MARK: Users

  /// Looks at the next accounts for the users of their Contacts.
  mutating func takeInUsers(_ hash: ([UInt8]) -> UInt64) {
    let count = Int(indices.upperBound)
    guard addressees.next < count else { return }
    var index = Addressees()
    swap(&index, &addressees)
    index.reserve(count)
    for number in index.next..<min(index.next + Addressees.slice, count) {
      let user = slots[number]?.account.contactUser
      index.append(Int32(number), user.map(hash)) { self[$0]?.account.contactUser == user }
    }
    swap(&index, &addressees)
  }
}

extension Account {
  /// The user of its Contact.
  var contactUser: [UInt8]? { contact.user.map { Array($0.utf8) } ?? addressOfRecord.user.map(URI.unescaping) }
}
