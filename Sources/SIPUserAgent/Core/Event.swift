import SIPMessage
import SIPTransaction

/// What the shell tells the user agent.
package enum Event: Sendable {
  /// One whole message as it came.
  case received([UInt8], Flow)
  case timerFired(TimerID)
  /// What was sent for this client transaction did not leave.
  case sendFailed(client: ClientTransactionID, reason: String)
  /// Nobody is at a target that has not answered: who can go elsewhere does.
  case unreachable(Target, reason: String)
  /// A connection is gone that carried these requests, the answered among them: what was asked over it will not be
  /// answered over it. `hasWorked`: it brought a message before.
  indirect case connectionClosed(carrying: [ClientTransactionID], hasWorked: Bool, reason: String)
  /// The answer to `locate`.
  case located(LookupID, Location)
  /// The record with this key and CSeq ceiling is where it survives. The key tells an account from one that had its
  /// number before.
  case stored(AccountID, key: UInt64, cSeqCeiling: UInt32)
  /// An account comes, with the record that survived the former process, or is known to come out the same in the next. `reserved`: so many CSeq
  /// numbers from the ceiling of the record on are safe, and the record is where it survives. `UserAgent.restore` is the
  /// same for a record that is lent.
  indirect case add(AccountID, Account, RegistrationRecord?, reserved: UInt32 = 0)
  /// The address of record and its registrar stay; the account is otherwise configured.
  case change(AccountID, Account)
  /// Taken out: un-REGISTER, then forget.
  case remove(AccountID)
  /// The daemon ends and wants nothing left bound: un-REGISTER, and keep the record.
  case stop(AccountID)
  /// Somebody else keeps this account from now on: nothing is sent, and the record is handed out.
  case release(AccountID)
  /// - Parameter takingWeaker: than the digest that was accepted before, in the next attempt
  case refresh(AccountID, takingWeaker: Bool = false)
  case pause(AccountID)
  case resume(AccountID)
  /// Addresses or routes of this host: what could not be reached may be reachable now.
  case networkChanged
  /// The binding of this account names a local address that the system would not use any more.
  case moved(AccountID)
}

/// Which lookup an answer belongs to.
package struct LookupID: Hashable, Sendable {
  package let account: AccountID
  package let serial: UInt32

  package init(account: AccountID, serial: UInt32) {
    self.account = account
    self.serial = serial
  }
}

/// What RFC 3263 made of a URI.
package enum Location: Sendable, Equatable {
  /// In the order to try them; one at least.
  case ways([Way])
  case failed(String)
}

/// What the user agent wants done, in this order.
package enum Effect: Sendable {
  /// `client`: what to report a failure to send under.
  case send([UInt8], Destination, client: ClientTransactionID?)
  /// Replaces what was set for the same owner.
  case setTimer(TimerID, Instant)
  /// Its owner is gone, and with it whatever was set for it.
  case cancelTimer(TimerID)
  case locate(URI, LookupID)
  indirect case store(AccountID, RegistrationRecord)
  /// Of the record that was stored before only this is new. Nobody waits for it.
  case renew(AccountID, Renewal)
  /// The account is gone, and its number free.
  case forget(AccountID)
  /// As `forget`, with what whoever keeps the account from now on goes on from.
  indirect case released(AccountID, RegistrationRecord)
  /// `stop` was carried out.
  case stopped(AccountID)
  case report(AccountID, Report)
  /// What happened to the next hop with this URI.
  case reportHop(URI, HopReport)
  /// A request of somebody else's came.
  indirect case reportRequest(ArrivedRequest)
}

/// What an answer that ends nothing wants.
package enum Step: Sendable, Equatable {
  /// 401, 407: credentials.
  case challenged(status: Int)
  /// 423: so many seconds at least.
  case longerInterval(UInt32)
  /// 420, 421, 439: Path left out, or offered again.
  case extensions(status: Int, offersPath: Bool)
  /// 300, 301, 302, 305: another place.
  case redirected(status: Int, URI)
}

/// What happened to a next hop that accounts share.
package enum HopReport: Sendable, Equatable {
  /// It fails everybody, the last one so: one account asks it, the others wait or go elsewhere.
  case silent(Failure)
  /// So many accounts follow now.
  case answers(after: Duration, waiting: Int)
  /// Of several registrars beyond it this one fails everybody.
  case registrarSilent(URI, Failure)
  case registrarAnswers(URI, after: Duration, waiting: Int)
}

/// What happened to a registration, for the journal and for whoever watches.
package enum Report: Sendable, Equatable {
  case registered(Binding)
  /// As before, for longer.
  case refreshed(Binding)
  /// It is registered, and this is odd about it.
  case noticed(Notice)
  /// An answer led to another REGISTER in the same attempt.
  case step(Step)
  /// What came as an answer could not be used.
  case discarded(Flaw)
  /// The old binding ended before a new one was granted.
  case lapsed
  /// Everything failed; the next attempt is at the instant.
  case failed(Failure, next: Instant)
  /// At rest; nil: until an operator says otherwise.
  case paused(PauseReason, Failure?, probe: Instant?)
  case resumed
  case unregistered
  /// An un-REGISTER got no good answer: the binding stays until it expires.
  case unregisterFailed(Failure)
}
