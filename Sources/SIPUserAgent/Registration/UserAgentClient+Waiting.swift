import SIPMessage

/// What is waited for, and by whom, for those who ask.
extension UserAgentClient {
  /// When somebody in line asks; nil: somebody does.
  func questionTime(_ registrant: borrowing Registrant, of number: Int) -> Instant? {
    let path = nextHops.paths[number]
    guard path.asker == nil else { return nil }
    // Alone in line, it is the one that asks, and not before it may.
    let isAlone = nextHops.waiting(for: number) <= 1
    let floor = isAlone ? registrant.earliestTry(now: .origin) : .origin
    return max(path.nextQuestion, floor)
  }

  /// When an account that waits tries again, or somebody does that it follows; nil: it does not wait.
  func nextTry(of registrant: borrowing Registrant) -> Instant? {
    var next = registrant.registration.nextAttempt
    for route in registrant.paths.indices where registrant.lines.contains(route) {
      next = Instant.earliest(next, questionTime(registrant, of: Int(registrant.paths[route])))
    }
    return next
  }
}
