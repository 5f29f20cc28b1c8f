/// How a next hop was looked up last: type `Lookup` of the interface file.
package struct LookupReport: Codable, Sendable, Equatable {
  package var hop: String
  package var at: Timestamp
  /// What was asked and what came, in the order of the answers.
  package var steps: [String]
  /// The places to try, as the records and chance have put them.
  package var order: [String]
  /// Why there are none.
  package var failure: String?

  package init(hop: String, at: Timestamp, steps: [String], order: [String] = [], failure: String? = nil) {
    self.hop = hop
    self.at = at
    self.steps = steps
    self.order = order
    self.failure = failure
  }
}
