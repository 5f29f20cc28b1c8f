import ArgumentParser
import DaemonConfiguration
import Glibc
import RegistrationDaemon

/// What `sipregd` does without a subcommand.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run the daemon (this is what happens without a subcommand).")

  @Option(help: ArgumentHelp("Run with the accounts of this file.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Check this file, print everything that is wrong with it, and exit.", valueName: "file"))
  var check: String?

  @OptionGroup(title: "One account without a file")
  var account: OneAccount

  func validate() throws {
    let ways = [config != nil, check != nil, account.server != nil].count { $0 }
    guard ways == 1 else {
      throw ValidationError("Give --config FILE, --check FILE, or --server with --username (see --help).")
    }
    if account.server != nil {
      try account.validateTogether()
    } else if let option = account.strayOption {
      throw ValidationError("\(option) is for --server; with a file it is a key of the file.")
    }
  }

  func run() async throws {
    let environment = Environment.current
    if let check { return try report(ConfigurationCheck.run(check, environment: environment)) }
    let account = account
    let path = config
    let read: @Sendable (Configuration?) throws(ConfigurationErrors) -> Configuration = {
      (former: Configuration?) throws(ConfigurationErrors) -> Configuration in
      if let path { return try Configuration.load(path, environment: environment, after: former) }
      return try account.configuration(environment: environment)
    }
    let configuration: Configuration
    do {
      configuration = try read(nil)
    } catch {
      throw Self.failed(error.lines, status: ExitStatus.configuration)
    }
    if let trouble = configuration.troubleWithCertificates {
      throw Self.failed([trouble], status: ExitStatus.configuration)
    }
    do {
      try await DaemonProcess.run(configuration, reread: read)
    } catch {
      throw Self.failed(["\(error)"], prefix: "sipregd: ", status: ExitStatus.failure)
    }
  }

  /// A journal is told that these are errors, and knows of whom; a terminal shows them as they are.
  private static func failed(_ lines: [String], prefix: String = "", status: Int32) -> ExitCode {
    if !EventLog.writeToJournal(.error, lines) { Terminal.error(lines.map { prefix + $0 + "\n" }.joined()) }
    return ExitCode(status)
  }

  private func report(_ check: ConfigurationCheck) throws {
    switch check {
    case .good(let summary): Terminal.text(summary + "\n")
    case .bad(let errors):
      Terminal.error(errors + "\n")
      throw ExitCode(ExitStatus.configuration)
    }
  }
}

/// What shells and service managers look at (sysexits.h).
enum ExitStatus {
  static let failure: Int32 = 1
  static let usage: Int32 = 64
  static let system: Int32 = 71
  static let configuration: Int32 = 78
}
