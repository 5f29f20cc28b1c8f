extension StatusSummary {
  /// One line for the service manager: "4 of 5 bound, apart from 1 paused by an operator".
  package static func line(
    counts: StateCounts, bound: Int, failing: Int, pausedByOperator: Int, storeProblem: String?
  ) -> String {
    let problem = storeProblem.map { "; state: \($0)" } ?? ""
    guard counts.total > 0 else { return "no account is configured" + problem }
    let words = boundWords(
      bound: bound, wanted: counts.total - pausedByOperator - counts.unregistering, failing: failing)
    let apart = [(pausedByOperator, "paused by an operator"), (counts.unregistering, "leaving")]
      .filter { $0.0 > 0 }.map { ", apart from \(SpokenNumber.grouped($0.0)) \($0.1)" }.joined()
    return "\(words)\(apart)\(problem)"
  }
}
