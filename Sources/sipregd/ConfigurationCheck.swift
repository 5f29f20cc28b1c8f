import DaemonConfiguration
import RegistrationControl
import RegistrationDaemon

/// What `sipregd --check FILE` finds.
enum ConfigurationCheck {
  case good(String)
  case bad(String)

  static func run(_ path: String, environment: [String: String]) -> ConfigurationCheck {
    do {
      let configuration = try Configuration.load(path, environment: environment)
      if let trouble = configuration.troubleWithCertificates { return .bad(trouble) }
      let warnings = configuration.warnings.lines.map { "warning: \($0)\n" }.joined()
      return .good(
        "\(warnings)\(PlainText.neutralised(path)) is good: "
          + SpokenNumber.counted(configuration.accounts.count, "account"))
    } catch {
      return .bad("\(error)")
    }
  }
}
