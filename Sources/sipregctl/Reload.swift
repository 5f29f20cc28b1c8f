import ArgumentParser
import RegistrationControl

struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read the configuration again and apply the difference.",
    discussion: "A wrong configuration changes nothing; every error in it is printed.")

  @Flag(name: .long, help: "Tell the difference, apply nothing.")
  var dryRun = false

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try connection.call(.reload(dryRun: dryRun)) { (report: ReloadReport) in
      if connection.json {
        Output.json(report)
      } else {
        Output.text(ReloadSummary.rendered(report, dryRun: dryRun, palette: connection.palette, width: Output.width))
      }
    }
  }
}
