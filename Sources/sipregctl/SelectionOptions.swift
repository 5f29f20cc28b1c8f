import ArgumentParser
import RegistrationControl

/// Which accounts a change is for.
struct SelectionOptions: ParsableArguments {
  @Argument(help: "Names of accounts.")
  var names: [String] = []

  @Option(
    name: .long, help: .init("A glob over name or address of record, such as '*@example.com'.", valueName: "glob"))
  var pattern: String?

  @Flag(name: .long, help: "All accounts; not together with names or --pattern.")
  var all = false

  var selection: AccountSelection { AccountSelection(names: names, pattern: pattern, all: all ? true : nil) }

  func validate() throws {
    if selection.isEmpty { throw ValidationError("Name accounts, or give --pattern or --all.") }
    if selection.isContradictory {
      throw ValidationError("--all means every account: give it without names and without --pattern.")
    }
  }
}

extension ConnectionOptions {
  /// Does a change and says to how many accounts.
  func change(_ call: ControlCall, _ done: String) throws {
    try self.call(call) { (reply: AffectedReply) in
      if json {
        Output.json(reply)
      } else {
        Output.text("\(SpokenNumber.counted(reply.affected, "account")) \(done).\n")
      }
    }
  }
}
