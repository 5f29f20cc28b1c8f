/// A question about a name and its answer, as the sentence about it needs them.
package struct NameStep: Sendable, Equatable {
  package enum Question: Sendable { case hostsFile, naptr, srv, addresses }

  package enum Answer: Sendable, Equatable {
    /// As in a zone file, and how long they hold.
    case records([String], expiry: Duration)
    /// Records of old, since no newer ones are to be had.
    case oldRecords([String])
    /// There are none, or no such name.
    case none
    case failed(String)
  }

  /// More are counted and not named.
  private static let recordsNamed = 16

  package var question: Question
  package var name: String
  package var answer: Answer

  package init(_ question: Question, _ name: String, _ answer: Answer) {
    self.question = question
    self.name = name
    self.answer = answer
  }

  /// "SRV _sip._udp.example.com: 10 60 5060 sip1.example.com (TTL 300 s)"; nil: it is not worth one.
  package var sentence: String? {
    switch (question, answer) {
    case (.hostsFile, .none): nil
    case (.hostsFile, .records(let records, _)): "hosts file: \(name) is \(Self.list(records))"
    case (_, .records(let records, let expiry)):
      "\(words) \(name): \(Self.list(records)) (TTL \(expiry.components.seconds) s)"
    case (_, .oldRecords(let records)):
      "\(words) \(name): \(Self.list(records)) (an old answer: there is no new one)"
    case (_, .none): "\(words) \(name): none"
    case (_, .failed(let reason)): "\(words) \(name): \(reason)"
    }
  }

  private var words: String {
    switch question {
    case .hostsFile: "hosts file:"
    case .naptr: "NAPTR"
    case .srv: "SRV"
    case .addresses: "A, AAAA"
    }
  }

  private static func list(_ records: [String]) -> String {
    let rest = records.count - recordsNamed
    let named = records.prefix(recordsNamed).joined(separator: ", ")
    return rest > 0 ? "\(named), and \(SpokenNumber.grouped(rest)) more" : named
  }
}
