import ArgumentParser
import RegistrarLab
import RegistrationControl

/// `sipregd lab`: the lab as a process of its own, ruled by lines on standard input, answering with lines of JSON.
struct LabCommand: ParsableCommand {
  enum Algorithm: String, ExpressibleByArgument, CaseIterable { case md5, sha256 }

  static let configuration = CommandConfiguration(
    commandName: "lab",
    abstract: "Run a registrar and two outbound proxies on 127.0.0.1, to try things on.",
    discussion: """
      The first line of output names the addresses. Then every line of input is a command, answered with a line of JSON:
      stats, counters, begin, bindings, reboot, stale, quit, fault off, fault loss PERCENT,
      fault delay MILLISECONDS, fault silence on|off, fault 503 on|off [RETRY-AFTER], fault 423 SECONDS|off, fault 403 on|off.
      The end of the input ends the lab. It is no registrar for a network: there is one password, and no secret in it.
      """)

  @Option(name: .customLong("port"), help: "Port of the registrar; 0: one that is free.")
  var port: UInt16 = 0
  @Option(help: "Port of the loose proxy; 0: one that is free.")
  var proxyPort: UInt16 = 0
  @Option(help: "Port of the strict proxy; 0: one that is free.")
  var strictPort: UInt16 = 0
  @Option(help: "The password of every account.")
  var password = "secret"
  @Option(help: "The digest algorithm asked for.")
  var algorithm = Algorithm.md5
  @Option(help: ArgumentHelp("Shorter registrations are answered with 423.", valueName: "seconds"))
  var expiresMin: UInt32 = 1
  @Option(help: ArgumentHelp("Longer registrations are shortened.", valueName: "seconds"))
  var maxExpires: UInt32 = 7200
  @Flag(inversion: .prefixedNo, help: "Ask for credentials.")
  var challenge = true
  @Option(help: ArgumentHelp("How long a nonce is good.", valueName: "seconds"))
  var nonceLifetime: UInt32 = 3600

  func run() throws {
    let lab = try Lab(settings)
    defer { lab.shutdown() }
    let console = LabConsole(lab)
    Self.write(LabReport.Addresses(lab))
    while let line = readLine() {
      switch console.answer(line) {
      case .statistics(let statistics): Self.write(statistics)
      case .counters(let counters): Self.write(counters)
      case .bindings(let bindings): Self.write(bindings)
      case .done: Self.write(["ok": true])
      case .failed(let failure): Self.write(failure)
      case .quit: return Self.write(["ok": true])
      }
    }
  }

  private var settings: Lab.Settings {
    var settings = Lab.Settings()
    settings.registrarPort = port
    settings.looseProxyPort = proxyPort
    settings.strictProxyPort = strictPort
    settings.registrar.challenges = challenge
    settings.registrar.minimumExpires = expiresMin
    settings.registrar.maximumExpires = maxExpires
    settings.registrar.digest.passwords = .shared(password)
    settings.registrar.digest.hashes = algorithm == .md5 ? [.md5] : [.sha256]
    settings.registrar.digest.nonceLifetime = .seconds(Int64(nonceLifetime))
    return settings
  }

  private static func write(_ value: some Encodable) {
    Terminal.text(String(decoding: VarlinkMessage.json(value), as: UTF8.self) + "\n")
  }
}
