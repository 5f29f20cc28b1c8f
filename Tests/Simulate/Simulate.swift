import ArgumentParser
import Simulation

/// The simulator by itself, built for speed: `Tests/run simulate`, and more of it at night.
@main struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a user agent live in worlds of trouble, in virtual time.")

  @Option(help: "How many worlds.")
  var seeds: UInt64 = 1000
  @Option(help: "Virtual hours in each.")
  var hours = 24
  @Option(help: "Tell the life of one seed instead, event by event.")
  var seed: UInt64?
  @Option(help: "Tell the life of one neighbourhood instead, up to what goes wrong in it.")
  var neighbourhood: UInt64?

  func run() throws {
    if let seed { return Campaign.tell(seed: seed, hours: hours) }
    if let neighbourhood { return Campaign.tell(neighbourhood: neighbourhood, hours: hours) }
    guard Campaign.run(seeds: seeds, hours: hours) else { throw ExitCode.failure }
  }
}
