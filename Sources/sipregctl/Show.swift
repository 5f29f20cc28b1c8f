import ArgumentParser
import RegistrationControl

struct Show: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show everything about one account.")

  @Argument(help: "The name of the account.")
  var name: String

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    var isRegistered = false
    try connection.call(.show(name: name)) { (reply: ShowReply) in
      isRegistered = reply.details.account.state.isRegistered
      if connection.json {
        Output.json(reply.details)
      } else {
        Output.text(AccountSheet.show(reply.details, now: WallClock.now, palette: connection.palette))
      }
    }
    try ExitStatus.require(allRegistered: isRegistered)
  }
}
