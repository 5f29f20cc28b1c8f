import ArgumentParser
import RegistrationControl

struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what the daemon does about one account, and why.")

  @Argument(help: "The name of the account.")
  var name: String

  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try connection.call(.show(name: name)) { (reply: ShowReply) in
      if connection.json {
        Output.json(reply.details)
      } else {
        Output.text(
          AccountSheet.explain(
            reply.details, now: WallClock.now, palette: connection.palette, width: Output.width))
      }
    }
  }
}
