import ArgumentParser
import RegistrationControl

struct Refresh: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "REGISTER now, without waiting for the planned time.")

  @OptionGroup var accounts: SelectionOptions
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    try connection.change(.refresh(accounts.selection), "refreshed")
  }
}
