/// What others sent: their requests, and what was wrong with their messages.
extension StatusSummary {
  static func asked(_ traffic: Traffic) -> String? {
    guard traffic.requestsReceived > 0 else { return nil }
    let calls = traffic.callsReceived > 0 ? ", \(SpokenNumber.counted(traffic.callsReceived, "call")) among them" : ""
    return "\(SpokenNumber.counted(traffic.requestsReceived, "request"))\(calls);"
      + " \(SpokenNumber.grouped(traffic.requestsAnswered)) answered"
  }

  /// The most frequent ones; all of them are in the JSON.
  private static let shown = 5

  static func oddities(_ traffic: Traffic) -> [String] {
    let flaws = traffic.flaws.sorted { $0.ignored + $0.dropped > $1.ignored + $1.dropped }
    let rest = flaws.count > shown ? ["and \(SpokenNumber.counted(flaws.count - shown, "other kind"))"] : []
    return flaws.prefix(shown).map(words) + rest
  }

  private static func words(_ flaw: FlawCount) -> String {
    var words: [String] = []
    if flaw.ignored > 0 { words.append("ignored in \(SpokenNumber.counted(flaw.ignored, "message"))") }
    if flaw.dropped > 0 { words.append("\(SpokenNumber.counted(flaw.dropped, "message")) dropped for it") }
    return "\(flaw.name): \(words.joined(separator: ", "))"
  }
}
