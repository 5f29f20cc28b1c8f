import SIPMessage
import SIPUserAgent

/// What the daemon is to do, whole and checked: a snapshot that never changes. A reload makes a new one and compares
/// (`ConfigurationDiff`); a file with an error in it makes none, and nothing changes.
///
/// It is read from TOML and JSON Lines by `load`; `config/sipregd.toml` explains every key.
package struct Configuration: Sendable {
  package var daemon: DaemonSettings
  /// In the order of the files, with names that are unique.
  package var accounts: [Account]
  /// On which terms their next hops are spoken to: that with the number 1 of `ProfileID` comes first.
  package var profiles: [ConnectionProfile]
  /// nil when it did not come from a file.
  package var path: String?
  /// What is no error, and yet hardly meant.
  package var warnings = ConfigurationErrors()

  package init(
    daemon: DaemonSettings = DaemonSettings(), accounts: [Account] = [], profiles: [ConnectionProfile] = [],
    path: String? = nil
  ) {
    self.daemon = daemon
    self.accounts = accounts
    self.profiles = profiles
    self.path = path
  }

  /// Reads a file and the files that it names.
  ///
  /// - Parameters:
  ///   - environment: `STATE_DIRECTORY`, `RUNTIME_DIRECTORY` and `CREDENTIALS_DIRECTORY` of the service manager.
  ///   - former: one at work. Accounts that are the same are taken from it, so that both together take hardly more memory
  ///     than one; and it is read by one processor, since others have work to do.
  /// - Throws: everything that is wrong in all of them.
  package static func load(
    _ path: String, environment: [String: String] = [:], after former: Configuration? = nil
  ) throws(ConfigurationErrors) -> Configuration {
    let source: ConfigurationSource
    let bytes: [UInt8]?
    do {
      let file = try SourceFile.open(path)
      source = ConfigurationSource(
        name: path, directory: directory(of: path), mode: file.mode, door: OpenDoor(path, file))
      bytes = try file.readAll(limit: ConfigurationReader.longest)
    } catch {
      throw ConfigurationErrors(ConfigurationError(file: path, message: "cannot read the file: \(error.reason)"))
    }
    guard let bytes else {
      throw ConfigurationErrors(
        ConfigurationError(
          file: path, message: "is longer than \(ConfigurationReader.longest >> 20) MiB; see accounts_file"))
    }
    var configuration = try ConfigurationReader.read(bytes, of: source, environment: environment, after: former)
    configuration.path = path
    return configuration
  }

  /// Reads TOML that is in no file; relative paths in it begin at `directory`.
  package static func parse(
    text: String, name: String = "sipregd.toml", directory: String = "", environment: [String: String] = [:]
  ) throws(ConfigurationErrors) -> Configuration {
    let source = ConfigurationSource(name: name, directory: directory, mode: nil)
    return try ConfigurationReader.read(Array(text.utf8), of: source, environment: environment)
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/." : String(path[..<slash])
  }
}
