import NIOConcurrencyHelpers
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
    let problem = Self.problem(in: health)
    let former = current.withLockedValue { current in
      defer { current = problem }
      return current
    }
    if former != problem {
      switch health {
      case .good: log.write(.notice, "state is written again")
      case .degraded(let reason):
        log.write(.error, "state is not written, registrations go on from memory: \(reason)")
      case .closed(let reason): log.write(.error, "a start would not find the state: \(reason)")
      case .incomplete(_, let reason): log.write(.error, "state was lost (\(reason)), and is written anew from memory")
      }
    }
    if case .incomplete(let loss, _) = health { fill.withLockedValue { $0 }?(loss) }
  }

  private static func problem(in health: StateHealth) -> String? {
    switch health {
    case .good: nil
    case .degraded(let reason): reason
    case .closed(let reason): "a start would not find it: \(reason)"
    case .incomplete(_, let reason): "it was lost and is written anew: \(reason)"
    }
  }
}
