import ArgumentParser
import RegistrationControl

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show how the daemon and its accounts are, in numbers.")

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    var isAllWell = false
    try connection.call(.status) { (reply: StatusReply) in
      isAllWell = StatusSummary.isAllWell(reply.status)
      if connection.json {
        Output.json(reply.status)
      } else {
        Output.text(
          StatusSummary.rendered(
            reply.status, now: WallClock.now, palette: connection.palette, width: Output.width))
      }
    }
    try ExitStatus.require(allBound: isAllWell)
  }
}
