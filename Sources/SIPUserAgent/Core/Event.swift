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
  /// `flow`: which one it was, where that is known.
  indirect case connectionClosed(
    carrying: [ClientTransactionID], hasWorked: Bool, reason: String, flow: Flow? = nil)
  /// A keep-alive over a stream was answered.
  case pong(Flow)
  /// What may be the answer to a keep-alive over datagrams.
  case bindingAnswered(BindingAnswer, Flow)
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
