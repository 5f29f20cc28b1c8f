/// A request of somebody else's, in the words of the journal.
package struct RequestOccurrence: Sendable, Equatable {
  package enum Outcome: Sendable, Equatable {
    case answered(status: Int)
    case dropped(flaw: String)
  }

  package var method: String
  /// What a NOTIFY is about.
  package var subject: String?
  package var from: String
  package var source: String
  package var to: String
  package var outcome: Outcome
  /// Requests of this kind that were not told of since the last one that was.
  package var untold: Int

  package init(
    method: String, subject: String?, from: String, source: String, to: String, outcome: Outcome, untold: Int
  ) {
    self.method = method
    self.subject = subject
    self.from = from
    self.source = source
    self.to = to
    self.outcome = outcome
    self.untold = untold
  }

  package var words: String {
    let about = subject.map { " (\($0))" } ?? ""
    let head = "\(method)\(about) from \(from) at \(source) for \(to)"
    let more = untold > 0 ? "; \(untold) more since the last entry" : ""
    switch outcome {
    case .answered(let status): return "\(head): answered with \(status)\(more)"
    case .dropped(let flaw): return "\(head): not answered, \(flaw)\(more)"
    }
  }
}
