@testable import DaemonConfiguration

/// A configuration file, through the reader of TOML up to accounts and settings. What is wrong with it is said with a line
/// of its own.
enum ConfigurationProbe {
  static func run(_ bytes: [UInt8]) {
    let source = ConfigurationSource(name: "sipregd.toml", directory: "/nowhere", mode: nil)
    let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
    do throws(ConfigurationErrors) {
      let configuration = try ConfigurationReader.read(bytes, of: source, environment: [:])
      precondition(ConfigurationDiff(from: configuration, to: configuration).isEmpty, "it differs from itself")
    } catch {
      precondition(!error.isEmpty, "refused without a reason")
      for error in error.errors {
        guard let line = error.line else { preconditionFailure("\(error) has no line") }
        precondition((1...lines).contains(line), "\(error) is behind the end")
        precondition(error.description.utf8.count < 8_192, "an error without end")
      }
    }
  }
}
