/// What a reload did, or would do: what `sipregctl reload` prints.
package enum ReloadSummary {
  /// So many names are shown of each kind; the rest is a number.
  static let namesShown = 10

  package static func rendered(_ report: ReloadReport, dryRun: Bool, palette: Palette, width: Int? = nil) -> String {
    var fields = FieldList()
    fields.append("added", names(report.added), .good)
    fields.append("changed", names(report.changed), .busy)
    fields.append("removed", names(report.removed), .bad)
    fields.append("unchanged", SpokenNumber.grouped(report.unchanged))
    fields.append("restart for", report.restartNeeded.joined(separator: ", "), .bad)
    let isNothing =
      report.added.isEmpty && report.changed.isEmpty && report.removed.isEmpty && report.restartNeeded.isEmpty
    let headline = isNothing ? "Nothing has changed." : dryRun ? "A reload would do this:" : "Reloaded."
    return headline + "\n" + fields.rendered(palette, width: width)
  }

  private static func names(_ names: [String]) -> String? {
    guard !names.isEmpty else { return nil }
    let shown = names.prefix(namesShown).joined(separator: ", ")
    let more = names.count > namesShown ? ", and \(SpokenNumber.grouped(names.count - namesShown)) more" : ""
    return "\(SpokenNumber.grouped(names.count)): \(shown)\(more)"
  }
}
