import ArgumentParser
import Glibc
import RegistrationControl

/// Where the daemon is and how the answer looks: the options that every subcommand has.
struct ConnectionOptions: ParsableArguments {
  enum Colour: String, ExpressibleByArgument, CaseIterable {
    case auto, always, never
  }

  @Option(
    name: .long,
    help: .init("The control socket of the daemon. SIPREGD_CONTROL overrides the default.", valueName: "path"))
  var socket = getenv("SIPREGD_CONTROL").map { String(cString: $0) } ?? "/run/sipregd/control"

  @Flag(name: .long, help: "Print JSON, one object a line.")
  var json = false

  @Option(name: .long, help: .init("Colour the output. NO_COLOR is honoured by auto.", valueName: "when"))
  var color = Colour.auto

  var palette: Palette {
    switch color {
    case .always: Palette(isColoured: true)
    case .never: Palette(isColoured: false)
    case .auto:
      Palette(isColoured: Output.isTerminal && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true))
    }
  }

  /// Calls a method and gives each reply to `body` until the last one.
  func call<Parameters: ReplyParameters>(
    _ call: ControlCall, more: Bool = false, patience: ControlClient.Patience = .usual,
    each body: (Parameters) throws -> Void
  ) throws {
    do {
      let client = try ControlClient(path: socket, patience: patience)
      try client.call(call, more: more, each: body)
    } catch let error as ControlError {
      throw ExitStatus.failure(ExitStatus(error), error.description)
    } catch let error as ControlClient.Failure {
      throw ExitStatus.failure(error.exitStatus, error.description)
    }
  }
}
