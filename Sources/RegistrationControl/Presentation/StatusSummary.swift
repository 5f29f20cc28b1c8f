/// The state of the daemon on one screen, however many accounts there are: what `sipregctl status` prints.
package enum StatusSummary {
  package static func rendered(_ status: DaemonStatus, now: Timestamp, palette: Palette) -> String {
    let uptime = SpokenTime.duration(seconds: Double(status.uptimeSeconds))
    let readiness = status.ready ? palette.paint("ready", .good) : palette.paint("not ready", .bad)
    var fields = FieldList()
    fields.append("accounts", accounts(status), isAllWell(status) ? .good : .bad)
    fields.append("of them", others(status))
    fields.append("look", isAllWell(status) || status.total == 0 ? nil : hint(status), .faint)
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
    fields.append("asked of us", asked(status.traffic))
    fields.append("odd", oddities(status.traffic))
    let version = PlainText.neutralised(status.version)
    return "\(palette.paint("sipregd \(version)", .strong)) is \(readiness), up \(uptime)\n"
      + fields.rendered(palette)
  }

  /// Nothing to look at: there are accounts and each is bound.
  package static func isAllWell(_ status: DaemonStatus) -> Bool {
    status.total > 0 && registered(status) == status.total
  }

  private static func registered(_ status: DaemonStatus) -> Int {
    RegistrationState.allCases.filter(\.isRegistered).reduce(0) { $0 + status.counts[$1] }
  }

  private static func accounts(_ status: DaemonStatus) -> String {
    guard status.total > 0 else { return "none configured" }
    let registered = registered(status)
    return "\(SpokenNumber.grouped(registered)) of \(SpokenNumber.grouped(status.total)) registered"
      + " (\(SpokenNumber.share(registered, of: status.total)))"
  }

  /// Every state that an account is in, but for the one that goes without saying.
  private static func others(_ status: DaemonStatus) -> String {
    RegistrationState.allCases.filter { $0 != .registered && status.counts[$0] > 0 }
      .map { "\(SpokenNumber.grouped(status.counts[$0])) \($0.rawValue)" }.joined(separator: ", ")
  }

  private static func hint(_ status: DaemonStatus) -> String {
    let states = RegistrationState.allCases.filter { !$0.isRegistered && status.counts[$0] > 0 }
    return "sipregctl list" + states.map { " --state \($0.rawValue)" }.joined()
  }

  private static func requests(_ traffic: Traffic) -> String {
    let succeeded = SpokenNumber.grouped(traffic.transactionsSucceeded)
    let refused = SpokenNumber.grouped(traffic.transactionsRefused)
    let timedOut = SpokenNumber.grouped(traffic.transactionsTimedOut)
    return "\(SpokenNumber.grouped(traffic.transactionsStarted)) sent: \(succeeded) succeeded, \(refused) refused"
      + " or challenged, \(timedOut) timed out"
  }

  /// Many dead proxies at once have one reason: a few lines say so.
  private static let silences = 5

  private static func silence(_ hop: SilentHop, _ now: Timestamp) -> String {
    let line = hop.waiting > 0 ? ", \(SpokenNumber.counted(hop.waiting, "account")) in line" : ""
    return "\(hop.uri) for \(SpokenTime.duration(seconds: now.seconds - hop.since.seconds))\(line)"
  }

  /// Without the kinds that never came.
  private static func answers(_ traffic: Traffic) -> String? {
    let kinds = [
      (traffic.answersGood, "good"), (traffic.answersChallenges, "challenges"),
      (traffic.answersAdjustments, "adjustments"), (traffic.answersRedirects, "redirects"),
      (traffic.answersTargetFailures, "target failures"), (traffic.answersTemporary, "temporary failures"),
      (traffic.answersRefused, "refusals"),
    ].filter { $0.0 > 0 }
    guard !kinds.isEmpty else { return nil }
    return kinds.map { "\(SpokenNumber.grouped($0.0)) \($0.1)" }.joined(separator: ", ")
  }

  private static func messages(_ traffic: Traffic) -> String {
    let sent = SpokenNumber.grouped(traffic.messagesSent)
    let again = SpokenNumber.grouped(traffic.retransmissions)
    let received = SpokenNumber.grouped(traffic.messagesReceived)
    return "\(sent) sent (\(again) of them again), \(received) received,"
      + " \(SpokenNumber.grouped(traffic.messagesDropped)) dropped"
  }
}
