import ArgumentParser
import RegistrationControl

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "End a pause and register.",
    usage: "sipregctl resume (<names> ... | --pattern <glob> | --all) [<options>]")

  @OptionGroup var accounts: SelectionOptions
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try connection.change(.resume(accounts.selection), "resumed")
  }
}
