import SIPLocation

/// What is asked for once, however many want it, and remembered: the records of a type that a name has.
package struct RecordKey: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case addresses, services, pointers

    /// Most names have none, and that is worth as much as an answer that has some.
    package var isOftenAbsent: Bool { self != .addresses }
  }

  /// In lower case, without the last dot.
  package let name: String
  package let kind: Kind

  package init(_ name: String, _ kind: Kind = .addresses) {
    self.name = name
    self.kind = kind
  }
}
