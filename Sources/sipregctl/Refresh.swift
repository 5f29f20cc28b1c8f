import ArgumentParser
import RegistrationControl

struct Refresh: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "REGISTER now, without waiting for the planned time.",
    usage: """
      sipregctl refresh (<names> ... | --pattern <glob> | --all) [--wait]
                      [--timeout <seconds>] [<options>]
      """,
    discussion: """
      Two REGISTERs of an account keep their distance (minimum_interval), and
      many leave one after the other: what does not leave at once is said. What
      an operator has paused is not refreshed.
      """)

  @OptionGroup var accounts: SelectionOptions

  @Flag(name: .long, help: "Wait until each account has its outcome; status 1 unless each has a new binding.")
  var wait = false

  @Option(name: .long, help: .init("How long --wait waits at most; 40 by default.", valueName: "seconds"))
  var timeout: Int?

  @OptionGroup var connection: ConnectionOptions

  /// Longer than a request without an answer takes, which is 32 seconds (RFC 3261 §17.1.2.2).
  private static let usualTimeout = 40

  func validate() throws {
    guard let timeout else { return }
    guard wait else { throw ValidationError("--timeout is for --wait.") }
    guard (1...RefreshReport.longestWait).contains(timeout) else {
      throw ValidationError("--timeout is 1 to \(RefreshReport.longestWait) seconds.")
    }
  }

  func run() throws {
    let limit = wait ? timeout ?? Self.usualTimeout : nil
    var isDone = false
    try connection.call(
      .refresh(accounts.selection, wait: limit), patience: limit.map { .beyond(seconds: $0) } ?? .usual
    ) { (report: RefreshReport) in
      isDone = hasDone(report)
      if connection.json {
        Output.json(report)
      } else {
        Output.text(
          RefreshSummary.rendered(report, now: WallClock.now, palette: connection.palette, width: Output.width))
      }
    }
    try ExitStatus.require(allBound: isDone)
  }

  /// Whoever names an account that is paused does not get what was asked for; a pattern only finds what there is.
  private func hasDone(_ report: RefreshReport) -> Bool {
    let areNamedRefreshed = accounts.names.isEmpty || report.paused == 0
    return areNamedRefreshed && report.failed ?? 0 == 0 && report.open ?? 0 == 0
  }
}
