/// The state of the daemon on one screen, however many accounts there are: what `sipregctl status` prints.
package enum StatusSummary {
  package static func rendered(_ status: DaemonStatus, now: Timestamp, palette: Palette, width: Int? = nil) -> String {
    let uptime = SpokenTime.duration(seconds: Double(status.uptimeSeconds))
    let readiness = status.ready ? palette.paint("ready", .good) : palette.paint("not ready", .bad)
    var fields = FieldList()
    fields.append("accounts", accounts(status), isAllWell(status) ? .good : .bad)
    let apart = status.pausedByOperator
    fields.append(
      "apart from", apart > 0 ? "\(SpokenNumber.counted(apart, "account")) that an operator has paused" : nil)
    fields.append("by state", states(status))
    fields.append("look", hint(status), .faint)
    fields.append("silent", status.silentHops.prefix(silences).map { silence($0, now) }, .bad)
    fields.append("state file", status.store.healthy ? "\(status.store.path), healthy" : nil)
    let problem = status.store.problem ?? "degraded"
    fields.append("state file", status.store.healthy ? nil : "\(status.store.path): \(problem)", .bad)
    let loaded = SpokenTime.relative(status.configurationLoadedAt, to: now)
    fields.append("configuration", "\(status.configurationPath ?? "from the command line"), loaded \(loaded)")
    fields.append("shards", SpokenNumber.grouped(status.shards))
    fields.append("requests", requests(status.traffic))
    fields.append("answers", answers(status.traffic))
    fields.append("messages", messages(status.traffic))
    fields.append("dropped", drops(status.traffic))
    fields.append("asked of us", asked(status.traffic))
    fields.append("strangers", strangers(status.traffic))
    fields.append("odd", oddities(status.traffic))
    let version = PlainText.neutralised(status.version)
    return "\(palette.paint("sipregd \(version)", .strong)) is \(readiness), up \(uptime)\n"
      + fields.rendered(palette, width: width)
  }

  /// Nothing to look at: there are accounts, and each that is meant to be bound is.
  package static func isAllWell(_ status: DaemonStatus) -> Bool { status.total > 0 && status.bound >= status.wanted }

  private static func accounts(_ status: DaemonStatus) -> String {
    guard status.total > 0 else { return "none configured" }
    let wanted = status.wanted
    let share = wanted > 0 ? " (\(SpokenNumber.share(status.bound, of: wanted)))" : ""
    return boundWords(bound: status.bound, wanted: wanted, failing: status.failingRefreshes, share: share)
  }

  /// "5 of 5 bound, 5 refreshes failing": the same words here and in the status of the service manager.
  package static func boundWords(bound: Int, wanted: Int, failing: Int, share: String = "") -> String {
    let failing =
      failing == 1 ? ", 1 refresh failing" : failing > 1 ? ", \(SpokenNumber.grouped(failing)) refreshes failing" : ""
    return "\(SpokenNumber.grouped(bound)) of \(SpokenNumber.grouped(wanted)) bound\(share)\(failing)"
  }

  /// Every state that an account is in, unless all are in the one that goes without saying; they add up.
  private static func states(_ status: DaemonStatus) -> String? {
    guard status.counts.registered < status.total else { return nil }
    return RegistrationState.allCases.filter { status.counts[$0] > 0 }
      .map { "\(SpokenNumber.grouped(status.counts[$0])) \($0.rawValue)" }.joined(separator: ", ")
  }

  private static func hint(_ status: DaemonStatus) -> String? {
    if status.bound < status.wanted { return "sipregctl list --unbound" }
    return status.failingRefreshes > 0 ? "sipregctl list --state waiting --state refreshing --state paused" : nil
  }

  /// Every request is in one of these numbers.
  private static func requests(_ traffic: Traffic) -> String {
    let unanswered = traffic.transactionsStarted - traffic.answers - traffic.transactionsUnderWay
    let parts = [
      (traffic.answers, "answered"), (max(unanswered, 0), "without an answer"),
      (traffic.transactionsUnderWay, "under way"),
    ].filter { $0.0 > 0 }
    let sent = SpokenNumber.grouped(traffic.transactionsStarted)
    return "\(sent) sent" + (parts.isEmpty ? "" : ": ") + counted(parts)
  }

  private static func counted(_ parts: [(Int, String)]) -> String {
    parts.map { "\(SpokenNumber.grouped($0.0)) \($0.1)" }.joined(separator: ", ")
  }

  /// Many dead proxies at once have one reason: a few lines say so.
  private static let silences = 5

  private static func silence(_ hop: SilentHopReport, _ now: Timestamp) -> String {
    let line = hop.waiting > 0 ? ", \(SpokenNumber.counted(hop.waiting, "account")) in line" : ""
    let next = hop.askedBy.map { name in
      ", asked by \(name)\(hop.askedAt.map { " " + SpokenTime.relative($0, to: now) } ?? "")"
    }
    return "\(hop.uri) for \(SpokenTime.duration(seconds: now.seconds - hop.since.seconds))\(line)\(next ?? "")"
  }

  /// Without the kinds that never came.
  private static func answers(_ traffic: Traffic) -> String? {
    let kinds = [
      (traffic.answersChallenges, "challenge"), (traffic.answersAdjustments, "adjustment"),
      (traffic.answersRedirects, "redirect"), (traffic.answersTargetFailures, "target failure"),
      (traffic.answersTemporary, "temporary failure"), (traffic.answersRefused, "refusal"),
    ].filter { $0.0 > 0 }.map { SpokenNumber.counted($0.0, $0.1) }
    guard traffic.answers > 0 else { return nil }
    let good = traffic.answersGood > 0 ? ["\(SpokenNumber.grouped(traffic.answersGood)) good"] : []
    return "\(SpokenNumber.grouped(traffic.answers)): \((good + kinds).joined(separator: ", "))"
  }

  private static func messages(_ traffic: Traffic) -> String {
    let sent = SpokenNumber.grouped(traffic.messagesSent)
    let again = traffic.retransmissions > 0 ? " (\(SpokenNumber.grouped(traffic.retransmissions)) of them again)" : ""
    return "\(sent) sent\(again), \(SpokenNumber.grouped(traffic.messagesReceived)) received"
  }

  private static func drops(_ traffic: Traffic) -> String? {
    guard traffic.messagesDropped > 0 else { return nil }
    return "\(SpokenNumber.grouped(traffic.messagesDropped)): \(counted(traffic.drops.map { ($0.count, $0.why) }))"
  }
  /// What those that nobody knows did not get.
  private static func strangers(_ traffic: Traffic) -> String? {
    let kinds = [(traffic.answersWithheld, "answer"), (traffic.connectionsClosed, "connection")]
    let parts = zip(kinds, ["withheld", "closed"]).filter { $0.0.0 > 0 }.map { kind, what in
      "\(SpokenNumber.counted(kind.0, kind.1)) \(what)"
    }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }
}
