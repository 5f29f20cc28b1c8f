import SIPMessage
import SIPTransaction

/// What the user agent wants done, in this order.
package enum Effect: Sendable {
  /// `client`: what to report a failure to send under.
  case send([UInt8], Destination, client: ClientTransactionID?)
  /// Keeps a flow open; over a stream only where a connection is there.
  case keepAlive(KeepAliveProbe, Target)
  /// This connection is dead: what is sent to its target next goes over another one.
  case close(Flow, reason: String)
  /// Replaces what was set for the same owner.
  case setTimer(TimerID, Instant)
  /// Its owner is gone, and with it whatever was set for it.
  case cancelTimer(TimerID)
  case locate(HopURI, LookupID)
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
