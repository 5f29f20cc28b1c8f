import SIPMessage

extension ShardCore {
  package enum Limits {
    /// Timers that fire in one go before messages have their turn.
    package static let timersPerTurn = 1024
    /// Timers that are looked at for being stale after a batch, when there are too many: more than a batch sets.
    static let timersPerLook = 8192
    /// Effects of a kind in a batch whose room is worth keeping for the next one.
    static let usualBatch = 4096
    /// Timers fire on multiples of this: a wake-up costs 20 µs and more, whatever it wakes for, and no timer of RFC
    /// 3261 cares for a twentieth of a second.
    package static let grain: Duration = .milliseconds(50)
    /// How long a record may wait for company when nobody waits for it: a commit costs as much as twenty refreshes. A
    /// crash then loses an expiry this young, and its binding is refreshed earlier than needed.
    package static let storeDelay: Duration = .milliseconds(250)
    /// What wakes it stops while the machine sleeps, deadlines do not: look at the clock this often at least.
    package static let longestSleep: Duration = .seconds(30)
    /// So late a wake-up is not relied on any more.
    static let lateness: Duration = .seconds(1)
    /// How late a start may be while others are let out before it: a million take so long when nobody answers them.
    static let longestWait: Duration = .seconds(1800)
    /// What is wanted of so few accounts is done at once.
    static let fewCommands = 64
    /// Settings of a timer that are looked through for one that was set before in the same event: those of an account
    /// come one behind the other.
    static let timersOfAnEvent = 4
    /// Accounts that come together for which room is made in one go.
    static let usualArrivals = 64

    /// Each account has one timer; when there are half as many again, those that mean nothing any more are taken out.
    static func timers(ofAccounts count: Int) -> Int { 1024 + count + count / 2 }
  }
}
