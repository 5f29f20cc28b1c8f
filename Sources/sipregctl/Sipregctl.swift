import ArgumentParser

@main
struct Sipregctl: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sipregctl",
    abstract: "Ask and steer sipregd, the SIP registration daemon.",
    discussion: """
      With --json every answer is one JSON object a line, with the members of the
      interface org.sipregd.Registrations.

      EXIT STATUS
        0   done; for list, status and show: every account shown is bound, but for
            those that an operator has paused; for refresh --wait: every one
            has a new binding
        1   some account is not; there is no such account, or (status) none at
            all; refresh: one that was named is paused and was not refreshed
        3   the daemon is not running or does not answer
        4   not permitted: changes are for root and the user of the daemon
        5   the daemon refused, such as a reload of a wrong configuration
        64  wrong usage
      """,
    subcommands: [
      List.self, Status.self, Show.self, Explain.self, Watch.self, Refresh.self, Pause.self, Resume.self, Reload.self,
    ])
}
