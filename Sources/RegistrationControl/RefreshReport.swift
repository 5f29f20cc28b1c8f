/// What became of a wish to refresh: the reply of method `Refresh`.
package struct RefreshReport: ReplyParameters, Equatable {
  /// So long, in seconds, a caller may wait for outcomes.
  package static let longestWait = 600
  /// So many accounts are named of each kind; the rest is a number.
  package static let namesShown = 20

  /// Accounts that were meant: the sum of those below, up to `leaving`.
  package var affected = 0
  /// A REGISTER is on its way since.
  package var sent = 0
  /// One was on its way already.
  package var inFlight = 0
  /// One leaves by itself: two of them keep a distance, and many leave one after the other.
  package var planned = 0
  /// Wait for a next hop that fails everybody, and follow its return.
  package var held = 0
  /// Not refreshed, because an operator has paused them.
  package var paused = 0
  /// Not refreshed, because they are being taken out.
  package var leaving = 0
  /// When the last of `planned` leaves, where that is known.
  package var plannedBy: Timestamp?
  package var pausedNames: [String] = []

  /// Of a caller that waits: how many have a new binding, how many failed, how many have no outcome yet.
  package var refreshed: Int?
  package var failed: Int?
  package var open: Int?
  /// What became of those that have no new binding.
  package var outcomes: [Outcome] = []

  package struct Outcome: Codable, Sendable, Equatable {
    package var name: String
    package var words: String

    package init(name: String, words: String) {
      self.name = name
      self.words = words
    }
  }

  package init() {}

  enum CodingKeys: String, CodingKey {
    case affected, sent, planned, held, paused, leaving, refreshed, failed, open, outcomes
    case inFlight = "in_flight"
    case plannedBy = "planned_by"
    case pausedNames = "paused_names"
  }
}
