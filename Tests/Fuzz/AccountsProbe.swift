import SIPUserAgent

@testable import DaemonConfiguration

/// A file of accounts. A line means the same whatever stood in front of it: lines like it are read after its pattern.
enum AccountsProbe {
  private struct Outcome: Equatable {
    var account: Account?
    var isEnabled: Bool?
    var words: [String] = []
  }

  static func run(_ bytes: [UInt8]) {
    var learned = reader()
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      var fresh = reader()
      let (one, other) = (read(line, by: &learned), read(line, by: &fresh))
      precondition(one == other, "a line has two meanings: \(one) and \(other)")
    }
  }

  private static func reader() -> AccountReader {
    AccountReader(proxies: [:], secrets: SecretReader(credentialsDirectory: nil))
  }

  private static func read(_ line: ArraySlice<UInt8>, by reader: inout AccountReader) -> Outcome {
    let source = ConfigurationSource(name: "accounts.jsonl", directory: "/nowhere", mode: nil)
    let list = ErrorList()
    do throws(ReadingFailure) {
      let found = try reader.readAccount(line, number: 7, of: source, list: list)
      precondition(found != nil || !list.errors.isEmpty, "refused without a reason")
      return Outcome(account: found?.account, isEnabled: found?.isEnabled, words: list.errors.lines)
    } catch {
      return Outcome(words: ["\(ConfigurationError(error, in: source.name))"])
    }
  }
}
