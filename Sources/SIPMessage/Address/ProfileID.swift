/// Which `ConnectionProfile`, as a number: a target is copied with each message. Numbers are those of the configuration, and
/// a profile keeps its own over a reload.
package struct ProfileID: Hashable, Sendable {
  package let number: UInt16

  package init(number: UInt16) { self.number = number }

  /// `ConnectionProfile.standard`, of which all others differ.
  package static let standard = ProfileID(number: 0)
}

extension [ConnectionProfile] {
  /// That of a number, where that of number 1 comes first; nil: nobody gave the number.
  package subscript(id: ProfileID) -> ConnectionProfile? {
    guard id != .standard else { return .standard }
    let index = Int(id.number) - 1
    return indices.contains(index) ? self[index] : nil
  }
}
