import NIOConcurrencyHelpers
import RegistrationControl
import RegistrationRecords

/// Knows how the state store is, and says when that changes.
final class StoreWatch: Sendable {
  private let log: EventLog
  private let current = NIOLockedValueBox<String?>(nil)
  private let fill = NIOLockedValueBox<(@Sendable (Int) -> Void)?>(nil)

  init(log: EventLog) { self.log = log }

  /// What is wrong; nil: nothing.
  var problem: String? { current.withLockedValue { $0 } }

  /// Who gives the store all that memory has, after the loss of this number (`StateHealth.incomplete`). It is called on
  /// the store's queue.
  func onLoss(_ action: @escaping @Sendable (Int) -> Void) { fill.withLockedValue { $0 = action } }

  func changed(_ health: StateHealth) {
    let condition = StoreCondition(health)
    let former = current.withLockedValue { current in
      defer { current = condition.problem }
      return current
    }
    if former != condition.problem { log.write(health == .good ? .notice : .error, condition.news) }
    if case .incomplete(let loss, _) = health { fill.withLockedValue { $0 }?(loss) }
  }
}

extension StoreCondition {
  fileprivate init(_ health: StateHealth) {
    switch health {
    case .good: self = .good
    case .degraded(let reason): self = .unwritten(reason)
    case .closed(let reason): self = .unreadable(reason)
    case .incomplete(_, let reason): self = .lost(reason)
    }
  }
}
