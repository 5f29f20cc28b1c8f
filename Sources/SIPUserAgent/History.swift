import SIPMessage
import SIPTransaction

/// The last exchanges of an account, for those who ask why. While all is well there is only the last success to tell of,
/// which the binding knows but for how long the answer took; a list is kept of what went otherwise.
struct History: Sendable {
  /// Oldest first; empty while all is well.
  private var troubles: [Exchange] = []
  private var failures: [Failure] = []
  /// Of the REGISTER that made the binding.
  private var status: UInt16 = 0
  /// Microseconds.
  private var roundTrip: UInt32 = 0

  /// Since the last success.
  var lastFailure: Failure? {
    get { failures.first }
    set { failures = newValue.map { [$0] } ?? [] }
  }

  func exchanges(binding: Binding?) -> [Exchange] {
    guard troubles.isEmpty, status > 0, let binding else { return troubles }
    return [
      Exchange(
        sentAt: binding.registeredAt, target: binding.target, outcome: .accepted(status: Int(status)),
        roundTrip: .microseconds(Int64(roundTrip)))
    ]
  }

  /// - Parameter binding: as it was before
  mutating func note(_ exchange: Exchange, binding: Binding?) {
    switch exchange.outcome {
    case .accepted(let status):
      lastFailure = nil
      self.status = UInt16(clamping: status)
      roundTrip = UInt32(clamping: (exchange.roundTrip ?? .zero).wholeNanoseconds / 1000)
      // A challenge that was answered well is no trouble, and neither is what two successes have followed.
      let isWell = troubles.allSatisfy(\.isChallenge) || troubles.last?.outcome.isAccepted == true
      troubles = isWell ? [] : troubles.suffix(Exchange.kept - 1) + [exchange]
    case .failed(let failure):
      lastFailure = failure
      troubles = exchanges(binding: binding).suffix(Exchange.kept - 1) + [exchange]
    }
  }
}

extension History {
  /// The success that was noted last bound nothing: trouble after all.
  mutating func keep(_ exchange: Exchange) {
    if troubles.last != exchange { troubles = troubles.suffix(Exchange.kept - 1) + [exchange] }
  }
}

extension Exchange {
  /// 401, 407
  fileprivate var isChallenge: Bool {
    switch outcome {
    case .failed(.response(let status, _)): ResponseClass(status: status) == .challenge
    case .failed, .accepted: false
    }
  }
}
