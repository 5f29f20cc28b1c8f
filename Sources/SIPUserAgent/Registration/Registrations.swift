import SIPMessage

/// The registrations of a user agent by their numbers, which account owns which, and how many there are in each state.
///
/// A registration that is at work is lent: taken out for the length of an event, and looked up once.
struct Registrations: Sendable {
  private var slots: [Registrant?] = []
  /// Of each account; `none` where there is no such account.
  private var slotOfAccount: [Int32] = []
  private var freeSlots: [Int32] = []
  /// How many accounts there are in each state and bound.
  private(set) var counts = StateTally()
  var addressees = Addressees()

  private static let none: Int32 = -1

  /// The numbers that registrations have, and some that they have had.
  var indices: Range<Int32> { 0..<Int32(slots.count) }

  /// Makes room for so many accounts, and no more than that.
  mutating func reserve(_ count: Int) {
    slots.reserveCapacity(count)
    slotOfAccount.reserveCapacity(count)
  }

  /// What is held, lent and not copied; nil when there is no such registration, or it is lent already.
  subscript(slot: Int32) -> Registrant? {
    @inline(__always) _read {
      if slots.indices.contains(Int(slot)) { yield slots[Int(slot)] } else { yield nil }
    }
  }

  func slot(of id: AccountID) -> Int32? {
    guard slotOfAccount.indices.contains(Int(id.index)) else { return nil }
    let slot = slotOfAccount[Int(id.index)]
    return slot == Self.none ? nil : slot
  }

  /// The number of the registration that is placed next.
  mutating func takeNumber() -> Int32 {
    freeSlots.popLast() ?? Int32(slots.count)
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
    if slot == slots.count { slots.append(consume registrant) } else { slots[slot] = consume registrant }
  }

  /// Lends it out; `giveBack` or `remove` has to follow.
  @inline(__always)
  mutating func take(_ slot: Int32) -> Registrant? {
    guard slots.indices.contains(Int(slot)) else { return nil }
    var lent: Registrant?
    swap(&lent, &slots[Int(slot)])
    return lent
  }

  /// - Parameter former: how it stood when it was lent
  @inline(__always)
  mutating func giveBack(_ registrant: consuming Registrant, after former: Standing) {
    let standing = registrant.standing
    if standing != former { counts.move(from: former, to: standing) }
    slots[Int(registrant.slot)] = consume registrant
  }

  /// One that was lent does not come back: its number is free.
  mutating func remove(_ registrant: consuming Registrant, after former: Standing) {
    counts.remove(former)
    slotOfAccount[Int(registrant.id.index)] = Self.none
    freeSlots.append(registrant.slot)
    addressees.forget()
  }

  // MARK: Users

  /// Looks at the next accounts for the users of their Contacts.
  mutating func takeInUsers(_ hash: ([UInt8]) -> UInt64) {
    guard addressees.next < slots.count else { return }
    var index = Addressees()
    swap(&index, &addressees)
    index.reserve(slots.count)
    for number in index.next..<min(index.next + Addressees.slice, slots.count) {
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
