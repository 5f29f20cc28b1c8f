import RegistrationControl
import RegistrationDaemon

/// Shows a demo: a table that is drawn anew on a terminal, lines of what happened anywhere else.
struct DemoScreen {
  private static let lines = 12

  let stage: DemoStage
  private let isLive = Terminal.isInteractive
  private let palette = Palette(isColoured: Terminal.isInteractive)

  init(stage: DemoStage) { self.stage = stage }

  func begin() {
    if isLive {
      // No cursor, no wrapping of long lines.
      Terminal.text("\u{1B}[?25l\u{1B}[?7l\u{1B}[2J")
    } else {
      Terminal.text(heading + "\n")
    }
  }

  private var heading: String {
    """
    sipregd demo: registrar \(stage.lab.registrar), loose proxy \(stage.lab.looseProxy), \
    strict proxy \(stage.lab.strictProxy)
    In another terminal: sipregctl list --socket \(stage.controlSocket)

    """
  }

  func draw() async {
    guard isLive else {
      for line in stage.shown.takeAll() { Terminal.text(text(line) + "\n") }
      return
    }
    var text = "\u{1B}[H" + heading + "\n" + (await table())
    text += "\n"
    for line in stage.shown.last(Self.lines) { text += self.text(line) + "\n" }
    text += "\nCtrl-C ends the demo.\n"
    // Every line clears what stood there before, and the rest of the screen at the end.
    Terminal.text(
      text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\u{1B}[K\n") + "\u{1B}[J")
  }

  /// - Returns: whether every account is registered.
  func end() async -> Bool {
    if isLive { Terminal.text("\u{1B}[?25h\u{1B}[?7h\u{1B}[H\u{1B}[J") }
    for line in stage.shown.takeAll() where !isLive { Terminal.text(text(line) + "\n") }
    Terminal.text("\n" + (await table()))
    let accounts = await stage.accounts()
    let count = accounts.count { $0.bound }
    let statistics = stage.lab.statistics()
    Terminal.text(
      "\n\(count) of \(accounts.count) bound. The registrar counted \(statistics.counters.accepted) registrations "
        + "and \(statistics.counters.lapses) lapses.\n")
    return count == accounts.count
  }

  private func table() async -> String {
    AccountTable.rendered(await stage.accounts(), now: WallClock.now, palette: palette)
  }

  private func text(_ line: DemoStage.Shown.Line) -> String {
    let second = String(line.second)
    let stamp = String(repeating: " ", count: max(0, 4 - second.count)) + second + " s  "
    return stamp + palette.paint(PlainText.neutralised(line.text), line.isFault ? .strong : .plain)
  }
}
