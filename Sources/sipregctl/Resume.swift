import ArgumentParser
import RegistrationControl

struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "End a pause and register.")

  @OptionGroup var accounts: SelectionOptions
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try connection.change(.resume(accounts.selection), "resumed")
  }
}
