/// How many final responses there were of each class.
package struct AnswerTally: Sendable, Equatable {
  package var successes = 0
  package var challenges = 0
  package var adjustments = 0
  package var redirects = 0
  package var targetFailures = 0
  package var temporaryFailures = 0
  package var refusals = 0

  package init() {}

  subscript(responseClass: ResponseClass) -> Int {
    get {
      switch responseClass {
      case .success: successes
      case .challenge: challenges
      case .adjust: adjustments
      case .redirect: redirects
      case .targetFailure: targetFailures
      case .temporary: temporaryFailures
      case .refused: refusals
      }
    }
    set {
      switch responseClass {
      case .success: successes = newValue
      case .challenge: challenges = newValue
      case .adjust: adjustments = newValue
      case .redirect: redirects = newValue
      case .targetFailure: targetFailures = newValue
      case .temporary: temporaryFailures = newValue
      case .refused: refusals = newValue
      }
    }
  }
}
