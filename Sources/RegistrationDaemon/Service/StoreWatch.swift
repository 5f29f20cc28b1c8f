import NIOConcurrencyHelpers

/// Knows how the state store is, and says when that changes.
final class StoreWatch: Sendable {
  private let log: EventLog
  private let current = NIOLockedValueBox<String?>(nil)

  init(log: EventLog) { self.log = log }

  /// What is wrong; nil: nothing.
  var problem: String? { current.withLockedValue { $0 } }

  func changed(_ health: StateHealth) {
    let problem: String? =
      switch health {
      case .good: nil
      case .degraded(let reason): reason
      }
    let former = current.withLockedValue { current in
      defer { current = problem }
      return current
    }
    guard former != problem else { return }
    if let problem {
      log.write(.error, "state is not written, registrations go on from memory: \(problem)")
    } else {
      log.write(.notice, "state is written again")
    }
  }
}
