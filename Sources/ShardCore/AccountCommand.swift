import SIPUserAgent

/// What operators want done to accounts, to one or to all of them.
package enum AccountCommand: UInt8, Sendable {
  case refresh, pause, resume
  /// Taken out by a reload.
  case remove
  /// The daemon ends and wants nothing left bound.
  case stop
  /// The operator named the account, and takes a weaker digest.
  case refreshNamed

  func event(for id: AccountID) -> Event {
    switch self {
    case .refresh: .refresh(id)
    case .refreshNamed: .refresh(id, takingWeaker: true)
    case .pause: .pause(id)
    case .resume: .resume(id)
    case .remove: .remove(id)
    case .stop: .stop(id)
    }
  }
}
