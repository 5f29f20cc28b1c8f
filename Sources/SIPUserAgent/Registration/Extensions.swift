/// Extensions that a REGISTER offers (RFC 3261 §19.2). A peer that wants them not, or wants them, says so with 420, 421 or
/// 439.
package struct Extensions: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// RFC 3327.
  package static let path = Extensions(rawValue: 1)
  /// RFC 5626, and GRUU with it (RFC 5627), which needs the same instance.
  package static let outbound = Extensions(rawValue: 2)

  /// As in Supported.
  var tags: StaticString? {
    switch (contains(.path), contains(.outbound)) {
    case (false, false): nil
    case (true, false): "path"
    case (false, true): "outbound, gruu"
    case (true, true): "path, outbound, gruu"
    }
  }

  /// For people: the tags, or nothing.
  package var words: String { tags?.description ?? "" }

  /// The tags of each by itself, for who asks for one.
  static let all: [(extension: Extensions, tags: [StaticString])] = [
    (.path, ["path"]), (.outbound, ["outbound", "gruu"]),
  ]
}
