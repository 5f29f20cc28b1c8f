/// Why an account rests.
package enum PauseGround: Sendable, Equatable {
  case byOperator
  case refused(status: Int)
  case credentialsRejected
  case noCredentials

  package var words: String {
    switch self {
    case .byOperator: "paused by the operator"
    case .refused(let status): "refused with \(status)"
    case .credentialsRejected: "the user name or password was rejected"
    case .noCredentials: "no configured credential answers the challenge: realm or algorithm differ"
    }
  }
}
