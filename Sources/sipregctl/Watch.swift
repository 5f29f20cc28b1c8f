import ArgumentParser
import RegistrationControl

struct Watch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print events as they happen, until interrupted.",
    usage: """
      sipregctl watch [--state <state> ...] [--domain <domain>] [--pattern <glob>]
                      [<options>]
      """)

  @OptionGroup var filter: FilterOptions
  @OptionGroup var connection: ConnectionOptions

  func run() throws {
    let palette = connection.palette
    try connection.call(.watch(filter.filter), more: true, patience: .endless) { (reply: WatchReply) in
      if connection.json {
        Output.jsonLines(CollectionOfOne(reply.event))
      } else {
        let clock = WallClock.timeOfDay(reply.event.at)
        Output.text(EventLine.rendered(reply.event, clock: clock, palette: palette, width: Output.width))
      }
    }
  }
}
