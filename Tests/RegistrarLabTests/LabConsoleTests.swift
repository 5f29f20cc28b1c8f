import RegistrarLab
import Testing

@Suite struct LabConsoleTests {
  /// What is said, and what is wrong afterwards.
  @Test(
    arguments: [
      ("fault loss 30", faults { $0.lossPercent = 30 }), ("fault delay 200", faults { $0.delay = .milliseconds(200) }),
      ("fault silence on", faults { $0.isSilent = true }), ("fault 503 on", faults { $0.isUnavailable = true }),
      ("fault 503 on 7", faults { ($0.isUnavailable, $0.retryAfter) = (true, 7) }),
      ("fault 423 60", faults { $0.minimumExpires = 60 }),
      ("fault 403 on", faults { $0.forbidsWrongPassword = true }), ("fault off", faults { _ in }),
      ("fault silence off", faults { _ in }),
    ] as [(String, Faults)])
  func aFaultIsSwitchedByWords(line: String, expected: Faults) throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    guard case .done = LabConsole(lab).answer(line) else {
      Issue.record("not done: \(line)")
      return
    }
    #expect(lab.faults() == expected)
  }

  @Test func whatIsNotUnderstoodChangesNothing() throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    let console = LabConsole(lab)
    for line in [
      "", "fault", "fault loss", "fault loss 101", "fault 503 on soon", "fault 503", "stats now", "begin now",
      "nonsense",
    ] {
      guard case .failed = console.answer(line) else {
        Issue.record("understood: \(line)")
        continue
      }
    }
    #expect(lab.faults() == .none)
  }

  @Test func statisticsAndBindingsAreReported() throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    let console = LabConsole(lab)
    guard case .statistics(let statistics) = console.answer("stats"),
      case .bindings(let list) = console.answer("bindings"), case .counters(let counters) = console.answer("counters"),
      case .done = console.answer("begin")
    else {
      Issue.record("no report")
      return
    }
    #expect(statistics.bindings == 0)
    #expect(list.isEmpty)
    #expect(counters.requests == 0)
    #expect(counters.firstRequestAt == nil)
    guard case .quit = console.answer("quit") else {
      Issue.record("no end")
      return
    }
  }
}

private func faults(_ change: (inout Faults) -> Void) -> Faults {
  var faults = Faults.none
  change(&faults)
  return faults
}
