import SIPMessage

/// What one event is handled with, and lent to all who have a part in that: the time, chance, and what is to be done.
struct Turn: Sendable {
  private(set) var now = Instant.origin
  /// The connection that a message came over which is being handled; 0: none, or a datagram.
  var connection: UInt32 = 0
  var effects: [Effect] = []
  var chance: any RandomNumberGenerator & Sendable
  /// Numbers lookups and settings of timers over all accounts: one that comes late finds nobody else in its slot.
  private var serial: UInt32 = 0

  init(chance: any RandomNumberGenerator & Sendable) { self.chance = chance }

  /// Takes the effects over until `ends` gives them back.
  mutating func begins(now: Instant, _ effects: inout [Effect]) {
    self.now = now
    swap(&self.effects, &effects)
  }

  mutating func ends(_ effects: inout [Effect]) { swap(&self.effects, &effects) }

  mutating func nextSerial() -> UInt32 {
    serial &+= 1
    return serial
  }

  mutating func report(_ id: AccountID, _ report: Report) { effects.append(.report(id, report)) }
}
