import ArgumentParser
import RegistrationControl

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show everything about one account.")

  @Argument(help: "The name of the account.")
  var name: String

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    var isAsWanted = false
    try connection.call(.show(name: name)) { (reply: ShowReply) in
      isAsWanted = reply.details.account.isAsWanted
      if connection.json {
        Output.json(reply.details)
      } else {
        Output.text(
          AccountSheet.show(reply.details, now: WallClock.now, palette: connection.palette, width: Output.width))
      }
    }
    try ExitStatus.require(allBound: isAsWanted)
  }
}
