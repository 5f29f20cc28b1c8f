import ArgumentParser
import RegistrationControl

struct List: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show accounts, one a line.",
    usage: """
      sipregctl list [--unbound] [--state <state> ...] [--domain <domain>]
                      [--pattern <glob>] [--limit <count>] [<options>]
      """)

  @OptionGroup var filter: FilterOptions
  @OptionGroup var connection: ConnectionOptions

  @Flag(name: .long, help: "Only accounts that are not bound.")
  var unbound = false

  @Option(name: .long, help: .init("Show at most so many.", valueName: "count"))
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1.") }
  }

  func run() throws {
    var shown: [AccountReport] = []
    var total = 0
    var areAllBound = true
    var wanted = filter.filter
    if unbound { wanted.bound = false }
    try connection.call(.list(wanted), more: true) { (reply: ListReply) in
      let page = reply.accounts.prefix(max(0, (limit ?? .max) - total))
      total += reply.accounts.count
      if !reply.accounts.allSatisfy(\.isAsWanted) { areAllBound = false }
      if connection.json { Output.jsonLines(page) } else { shown += page }
    }
    if !connection.json { printTable(shown, total: total) }
    try ExitStatus.require(allBound: areAllBound)
  }

  private func printTable(_ shown: [AccountReport], total: Int) {
    guard total > 0 else { return Output.text("No such accounts.\n") }
    Output.text(
      AccountTable.rendered(shown, now: WallClock.now, palette: connection.palette, width: Output.width))
    if total > shown.count { Output.text("… and \(SpokenNumber.grouped(total - shown.count)) more\n") }
  }
}
