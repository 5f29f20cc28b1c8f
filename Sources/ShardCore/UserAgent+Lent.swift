import SIPUserAgent

/// Questions that are mutating though they change no agent: it is lent to them, and whoever owns one would copy it for
/// any other.
extension UserAgent {
  mutating func lentAccount(of id: AccountID) -> Account? { account(of: id) }

  /// Whether the timer of an account begins a REGISTER, and then whether a binding hangs on it; nil: it begins none, or
  /// means nothing any more.
  mutating func lentBeginning(of timer: TimerID) -> Bool? {
    switch registrationState(of: timer) {
    case .registered: true
    case .unregistered, .waiting, .paused: false
    case .registering, .refreshing, .unregistering, nil: nil
    }
  }
}
