/// The lab by words: one command a line, one answer each, which the caller writes as JSON.
///
///     stats | counters | begin | bindings | reboot | stale | quit
///     fault off | fault loss PERCENT | fault delay MILLISECONDS | fault silence on|off
///     fault 503 on|off [RETRY-AFTER] | fault 423 SECONDS|off | fault 403 on|off
package struct LabConsole: Sendable {
  package enum Reply: Sendable {
    case statistics(LabReport.Statistics)
    case counters(LabReport.Counters)
    case bindings([LabReport.Binding])
    case done
    case failed(LabReport.Failure)
    case quit
  }

  private let lab: Lab

  package init(_ lab: Lab) { self.lab = lab }

  package func answer(_ line: String) -> Reply {
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    switch words.first {
    case "stats" where words.count == 1: return .statistics(LabReport.Statistics(lab.statistics()))
    case "counters" where words.count == 1: return .counters(LabReport.Counters(lab.counters()))
    case "begin" where words.count == 1: lab.beginSpan()
    case "bindings" where words.count == 1: return .bindings(lab.bindings().map(LabReport.Binding.init))
    case "reboot" where words.count == 1: lab.reboot()
    case "stale" where words.count == 1: lab.voidNonces()
    case "quit" where words.count == 1: return .quit
    case "fault":
      guard let change = Self.fault(Array(words.dropFirst())) else { return Self.misunderstood(line) }
      lab.change(at: .registrar, change)
    default: return Self.misunderstood(line)
    }
    return .done
  }

  private static func misunderstood(_ line: String) -> Reply {
    .failed(LabReport.Failure(error: "not understood: \(line)"))
  }

  private static func fault(_ words: [String]) -> (@Sendable (inout Faults) -> Void)? {
    guard let kind = words.first else { return nil }
    let arguments = words.dropFirst()
    let number = arguments.first.flatMap(UInt32.init)
    let flag: Bool? = arguments.first == "on" ? true : arguments.first == "off" ? false : nil
    switch (kind, arguments.count) {
    case ("off", 0): return { $0 = .none }
    case ("loss", 1):
      guard let number, number <= 100 else { return nil }
      return { $0.lossPercent = UInt8(number) }
    case ("delay", 1):
      guard let number else { return nil }
      return { $0.delay = .milliseconds(Int64(number)) }
    case ("silence", 1):
      guard let flag else { return nil }
      return { $0.isSilent = flag }
    case ("503", 1), ("503", 2):
      let retryAfter = arguments.dropFirst().first.map { UInt32($0) }
      guard let flag, retryAfter != .some(nil) else { return nil }
      return { ($0.isUnavailable, $0.retryAfter) = (flag, flag ? retryAfter ?? nil : nil) }
    case ("423", 1):
      guard number != nil || flag == false else { return nil }
      return { $0.minimumExpires = number }
    case ("403", 1):
      guard let flag else { return nil }
      return { $0.forbidsWrongPassword = flag }
    default: return nil
    }
  }
}
