import ArgumentParser
import RegistrationControl
import RegistrationDaemon

/// `sipregd demo`: the real daemon against a registrar and two outbound proxies in the same process, with something
/// going wrong and being overcome.
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show the daemon at work against a registrar of its own on loopback.",
    discussion: """
      Registers five accounts whose registrations last 20 seconds: straight, through a loose proxy, through a strict \
      one, through the second of two since the first is dead, and over TCP. After ten seconds the registrar fails for five, which costs no registration; then it forgets its nonces, and later everything. \
      Ends with Ctrl-C or after --for; the exit status is 0 when all accounts are registered then.
      """)

  @Option(name: .customLong("for"), help: ArgumentHelp("How long: 60s, 5min.", valueName: "time"))
  var length: String?

  func validate() throws {
    if let length, Self.seconds(length) == nil { throw ValidationError("\(length) is no time such as 60s or 5min.") }
  }

  func run() async throws {
    let stage = try await DemoStage()
    let screen = DemoScreen(stage: stage)
    let end = length.flatMap(Self.seconds).map { ContinuousClock.now + .seconds($0) }
    let interrupt = Interrupt()
    screen.begin()
    while !interrupt.hasCome, end.map({ ContinuousClock.now < $0 }) ?? true {
      stage.play()
      await screen.draw()
      try? await Task.sleep(for: .milliseconds(500))
    }
    let isAllRegistered = await screen.end()
    await stage.end()
    if !isAllRegistered { throw ExitCode(ExitStatus.failure) }
  }

  /// `90`, `90s`, `5min`, `1h`.
  static func seconds(_ text: String) -> Int64? {
    let digits = text.prefix(while: \.isNumber)
    guard let number = Int64(digits), number > 0, number < 1_000_000 else { return nil }
    return switch text.dropFirst(digits.count) {
    case "", "s": number
    case "min", "m": number * 60
    case "h": number * 3600
    default: nil
    }
  }
}
