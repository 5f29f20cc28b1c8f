/// How a search went: what was asked, what came, and the order that came out of it.
package struct LocationTrace: Sendable, Equatable {
  package struct Step: Sendable, Equatable {
    package let question: NameQuestion
    package let answer: NameAnswer
  }

  package enum Outcome: Sendable, Equatable {
    /// In the order to try them; one at least.
    case found([Candidate])
    /// In words for an operator.
    case failed(String)
  }

  /// In the order of the answers.
  package internal(set) var steps: [Step] = []
  /// nil: it goes on.
  package internal(set) var outcome: Outcome?
}
