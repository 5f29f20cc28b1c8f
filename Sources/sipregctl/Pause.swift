import ArgumentParser
import RegistrationControl

struct Pause: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Send nothing more for accounts until they are resumed.",
    usage: "sipregctl pause (<names> ... | --pattern <glob> | --all) [<options>]")

  @OptionGroup var accounts: SelectionOptions
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try connection.change(.pause(accounts.selection), "paused")
  }
}
