import ArgumentParser
import RegistrationControl

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show accounts, one a line.")

  @OptionGroup var filter: FilterOptions
  @OptionGroup var connection: ConnectionOptions

  @Option(name: .long, help: .init("Show at most so many.", valueName: "count"))
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1.") }
  }

  func run() throws {
    var shown: [Account] = []
    var total = 0
    var allRegistered = true
    try connection.call(.list(filter.filter), more: true) { (reply: ListReply) in
      let wanted = reply.accounts.prefix(max(0, (limit ?? .max) - total))
      total += reply.accounts.count
      if !reply.accounts.allSatisfy({ $0.state.isRegistered }) { allRegistered = false }
      if connection.json { Output.jsonLines(wanted) } else { shown += wanted }
    }
    if !connection.json { printTable(shown, total: total) }
    try ExitStatus.require(allRegistered: allRegistered)
  }

  private func printTable(_ shown: [Account], total: Int) {
    guard total > 0 else { return Output.text("No such accounts.\n") }
    Output.text(AccountTable.rendered(shown, now: WallClock.now, palette: connection.palette))
    if total > shown.count { Output.text("… and \(SpokenNumber.grouped(total - shown.count)) more\n") }
  }
}
