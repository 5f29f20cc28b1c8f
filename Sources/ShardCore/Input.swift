import SIPMessage
import SIPUserAgent

/// What the shell tells the core, beside single events of the user agent (`ShardCore.take`).
package enum Input: Sendable {
  /// From here on deadlines are kept: what was asked for before may have come with nobody there.
  case started
  /// The instant that it wanted to be woken at has come.
  case woken
  /// What wanted a turn after others (`Outputs.wantsTurn`) has it.
  case turn
  /// Accounts that have no record. `origin` of their identities; nil: they are of the agent's making.
  case add([Arrival], from: IdentityOrigin?)
  /// Accounts that a former run knew. `reserved`: so many CSeq numbers from the ceiling of each record on are safe already.
  case restore([RestoredAccount], reserved: UInt32)
  /// Accounts that stay and are otherwise configured.
  case change([Arrival])
  /// Taken out of the configuration.
  case remove([AccountID])
  /// Another process takes these over, with their records (`Outputs.released`): nothing is un-REGISTERed.
  case release([AccountID])
  /// The daemon ends and wants nothing left bound.
  case stop([AccountID])
  /// What an operator wants done to some accounts, or to all of them.
  case want(AccountCommand, of: [AccountID])
  /// These numbers are where they survive, and the rows under these keys are gone.
  case stored([Reservation], forgotten: [String])
  /// The answer to a lookup; `lasting`: it was made from the address in the URI of this hop, and holds until the network changes.
  case located(LookupID, Location, lasting: HopURI?)
  /// Addresses or routes of the host changed. The local end of the way to each of `ShardCore.boundTargets`, where there is
  /// any: bindings that name another one move.
  case networkChanged([Target: Endpoint])
}

/// An account on its way into a shard.
package struct Arrival: Sendable {
  package var id: AccountID
  package var account: Account

  package init(id: AccountID, account: Account) {
    self.id = id
    self.account = account
  }
}

/// An account that goes on from what a former run left of it.
package struct RestoredAccount: Sendable {
  package var id: AccountID
  package var account: Account
  package var record: RegistrationRecord

  package init(id: AccountID, account: Account, record: RegistrationRecord) {
    self.id = id
    self.account = account
    self.record = record
  }
}

/// CSeq numbers of an account below this ceiling that it may use when they are where they survive.
package struct Reservation: Sendable, Equatable {
  package var id: AccountID
  /// Of the record, as `RegistrationRecord.key`.
  package var key: UInt64
  package var ceiling: UInt32

  package init(id: AccountID, key: UInt64, ceiling: UInt32) {
    self.id = id
    self.key = key
    self.ceiling = ceiling
  }
}
