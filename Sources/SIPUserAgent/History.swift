import SIPMessage
import SIPTransaction

/// The last exchanges of an account, for those who ask why. While all is well there is only the last success to tell of,
/// which the binding knows but for how long the answer took; a list is kept of what went otherwise.
struct History: Sendable {
  private struct Trouble: Sendable {
    /// Oldest first.
    var exchanges: [Exchange] = []
    /// Since the last success.
    var failure: Failure?
  }

  /// nil while all is well.
  private var trouble = Seldom<Trouble>()
  /// Of the REGISTER that made the binding.
  private var status: UInt16 = 0
  /// Microseconds.
  private var roundTrip: UInt32 = 0

  private var troubles: [Exchange] { trouble.value?.exchanges ?? [] }

  /// Since the last success.
  var lastFailure: Failure? {
    get { trouble.value?.failure }
    set { keep(troubles, newValue) }
  }

  private mutating func keep(_ exchanges: [Exchange], _ failure: Failure?) {
    let isWell = exchanges.isEmpty && failure == nil
    trouble.value = isWell ? nil : Trouble(exchanges: exchanges, failure: failure)
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
      self.status = UInt16(clamping: status)
      roundTrip = UInt32(clamping: (exchange.roundTrip ?? .zero).wholeNanoseconds / 1000)
      guard trouble.value != nil else { return }
      // A challenge that was answered well is no trouble, and neither is what two successes have followed.
      let isWell = troubles.allSatisfy(\.isChallenge) || troubles.last?.outcome.isAccepted == true
      keep(isWell ? [] : troubles.suffix(Exchange.kept - 1) + [exchange], nil)
    case .failed(let failure):
      var exchanges = exchanges(binding: binding)
      if exchanges.count >= Exchange.kept { exchanges.removeFirst(exchanges.count - Exchange.kept + 1) }
      exchanges.append(exchange)
      keep(exchanges, failure)
    }
  }
}

extension History {
  /// The success that was noted last bound nothing: trouble after all.
  mutating func keep(_ exchange: Exchange) {
    if troubles.last != exchange { keep(troubles.suffix(Exchange.kept - 1) + [exchange], lastFailure) }
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
