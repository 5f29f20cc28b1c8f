/// What became of a wish to refresh: what `sipregctl refresh` prints.
package enum RefreshSummary {
  package static func rendered(
    _ report: RefreshReport, now: Timestamp, palette: Palette, width: Int? = nil
  ) -> String {
    var lines: [(text: String, paint: Paint)] = []
    let counted = SpokenNumber.counted
    if report.sent > 0 { lines.append(("\(counted(report.sent, "REGISTER")) sent.", .plain)) }
    if report.inFlight > 0 { lines.append(("\(counted(report.inFlight, "REGISTER")) in flight already.", .plain)) }
    if report.planned > 0 { lines.append((planned(report, now), .plain)) }
    if report.held > 0 {
      let verbs = report.held == 1 ? "waits for its next hop and follows" : "wait for their next hop and follow"
      lines.append(("\(counted(report.held, "account")) \(verbs) its return: see `sipregctl status`.", .busy))
    }
    if report.paused > 0 {
      let rest = report.paused - report.pausedNames.count
      let names = report.pausedNames.map(named).joined(separator: ", ")
      let more = rest > 0 ? ", and \(SpokenNumber.grouped(rest)) more" : ""
      lines.append(("Paused by an operator and not refreshed: \(names)\(more).", .busy))
    }
    if report.leaving > 0 { lines.append(("\(counted(report.leaving, "account")) being taken out.", .plain)) }
    if report.affected == 0 { lines.append(("No account matches.", .bad)) }
    lines += outcomes(report)
    return lines.flatMap { line in
      WrappedText.lines(line.text, width: width, hanging: 2).enumerated().map {
        ($0 == 0 ? "" : "  ") + palette.paint($1, line.paint) + "\n"
      }
    }.joined()
  }

  private static func planned(_ report: RefreshReport, _ now: Timestamp) -> String {
    guard let moment = report.plannedBy else {
      return "\(SpokenNumber.counted(report.planned, "REGISTER")) to leave one after the other."
    }
    let isSoon = moment.seconds(since: now) < 1
    let when = isSoon ? "in a moment" : SpokenTime.relative(moment, to: now)
    return report.planned == 1
      ? "1 REGISTER leaves \(when): the last one was a moment ago, or others come first."
      : "\(SpokenNumber.grouped(report.planned)) REGISTERs leave, the last \(when): "
        + "the former ones were a moment ago, or others come first."
  }

  private static func outcomes(_ report: RefreshReport) -> [(text: String, paint: Paint)] {
    guard let refreshed = report.refreshed, let failed = report.failed, let open = report.open else { return [] }
    var text =
      "\(SpokenNumber.grouped(refreshed)) of \(SpokenNumber.counted(refreshed + failed + open, "account")) refreshed"
    if failed > 0 { text += ", \(SpokenNumber.grouped(failed)) failed" }
    if open > 0 { text += ", \(SpokenNumber.grouped(open)) without an outcome in this time" }
    let isWell = failed + open == 0
    return [(text + ".", isWell ? .good : .bad)]
      + report.outcomes.map {
        ("  \(named($0.name)): \(PlainText.clipped(PlainText.neutralised($0.words), to: 200))", .plain)
      }
  }

  private static func named(_ name: String) -> String { PlainText.clipped(PlainText.neutralised(name), to: 48) }
}
