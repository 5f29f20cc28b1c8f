import SIPMessage

extension Shard {
  enum Limits {
    /// Timers that fire in one go before messages have their turn.
    static let timersPerTurn = 1024
    /// Timers that are looked at for being stale after a batch, when there are too many: more than a batch sets.
    static let timersPerLook = 8192
    /// Effects of a kind in a batch whose room is worth keeping for the next one.
    static let usualBatch = 4096
    /// Timers fire on multiples of this: a wake-up costs 20 µs and more, whatever it wakes for, and no timer of RFC
    /// 3261 cares for a twentieth of a second.
    static let grain: Duration = .milliseconds(50)
    /// How long a record may wait for company when nobody waits for it: a commit costs as much as twenty refreshes. A
    /// crash then loses an expiry this young, and its binding is refreshed earlier than needed.
    static let storeDelay: Duration = .milliseconds(250)
    /// Dispatch timers stop while the machine sleeps, deadlines do not: look at the clock this often at least.
    static let longestSleep: Duration = .seconds(30)
    /// How late a start may be while others are let out before it: a million take so long when nobody answers them.
    static let longestWait: Duration = .seconds(1800)
    /// What is wanted of so few accounts is done at once.
    static let fewWishes = 64

    /// Each account has one timer; when there are half as many again, those that mean nothing any more are taken out.
    static func timers(ofAccounts count: Int) -> Int { 1024 + count + count / 2 }
  }
}
