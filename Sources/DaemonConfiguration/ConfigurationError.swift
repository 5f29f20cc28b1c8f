/// One thing wrong in a configuration, said so that an operator can mend it without reading the source: the file, the
/// line, whose table it is, what was found and what was expected. It never carries a secret's value.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file as the operator named it; empty for settings that came from the command line.
  package var file: String
  /// Counted from 1; nil when the trouble is the whole file or lies on the command line.
  package var line: Int?
  /// Whose key it is: `[daemon]`, `proxy "edge"`, `account "alice"`, or empty.
  package var place: String
  package var message: String

  package init(file: String, line: Int? = nil, place: String = "", message: String) {
    self.file = file
    self.line = line
    self.place = place
    self.message = message
  }

  /// Characters of a description: a path, and more than any message has.
  private static let longest = longestText + 1_024

  package var description: String {
    var text = file
    if let line { text += ":\(line)" }
    if !text.isEmpty { text += ": " }
    if !place.isEmpty { text += "\(place): " }
    // Names of files come from anywhere, too.
    return printable(text + message, limit: Self.longest)
  }
}

/// Everything wrong in a configuration, in the order of the file, so that one run of `sipregd --check` shows it all.
///
/// A generated file of a million accounts can be wrong a million times over: only the first are kept, the rest counted.
package struct ConfigurationErrors: Error, Hashable, Sendable, CustomStringConvertible {
  /// More than fits on a screen helps nobody; the count of the rest says how far it goes.
  package static let kept = 100

  package private(set) var errors: [ConfigurationError] = []
  package private(set) var more = 0

  package init() {}

  package init(_ error: ConfigurationError) {
    errors = [error]
  }

  package var isEmpty: Bool { errors.isEmpty }
  package var count: Int { errors.count + more }

  package mutating func append(_ error: ConfigurationError) {
    if errors.count < Self.kept { errors.append(error) } else { more += 1 }
  }

  /// So many more, which nobody needs to see.
  mutating func count(more: Int) { self.more += more }

  /// Tables are not read in the order in which they stand; errors of one file are shown in it.
  mutating func sortByLine() {
    let order = errors.enumerated().sorted { ($0.element.line ?? 0, $0.offset) < ($1.element.line ?? 0, $1.offset) }
    errors = order.map(\.element)
  }

  package var lines: [String] { errors.map(\.description) + (more > 0 ? ["and \(more) more"] : []) }

  package var description: String { lines.joined(separator: "\n") }
}
