/// How what must survive the daemon is kept; the reasons are the system's words.
package enum StoreCondition: Sendable, Equatable {
  case good
  case unwritten(String)
  case unreadable(String)
  case lost(String)

  /// What is wrong, in a line about something else; nil: nothing.
  package var problem: String? {
    switch self {
    case .good: nil
    case .unwritten(let reason): reason
    case .unreadable(let reason): "a start would not find it: \(reason)"
    case .lost(let reason): "it was lost and is written anew: \(reason)"
    }
  }

  /// A line when it has become so.
  package var news: String {
    switch self {
    case .good: "state is written again"
    case .unwritten(let reason): "state is not written, registrations go on from memory: \(reason)"
    case .unreadable(let reason): "a start would not find the state: \(reason)"
    case .lost(let reason): "state was lost (\(reason)), and is written anew from memory"
    }
  }
}
