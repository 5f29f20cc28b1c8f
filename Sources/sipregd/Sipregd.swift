import ArgumentParser
import DaemonConfiguration

struct Sipregd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sipregd",
    abstract: "Keep SIP registrations alive.",
    usage: """
      sipregd --config FILE
      sipregd --check FILE
      sipregd --server HOST --username USER (--password SECRET | --password-file FILE) [--outbound-proxy PROXY …]
      sipregd demo [--for TIME]
      """,
    discussion: """
      Reads accounts and outbound proxies from FILE, registers every account, refreshes each registration before it \
      lapses, and tells `sipregctl` and systemd how they are. SIGTERM stops, SIGHUP reloads the file.

      EXIT STATUS
        0   stopped as asked; for --check: the file is good
        1   could not start: a port, the state directory or the control socket is not to be had
        64  wrong usage
        71  the system does not give it the threads that it needs
        78  the configuration is wrong
      """,
    version: DaemonSettings.version,
    subcommands: [Run.self, Demo.self, LabCommand.self], defaultSubcommand: Run.self)
}
