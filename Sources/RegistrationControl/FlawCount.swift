/// Something that was wrong with messages, and how often: type `Flaw` of the interface file.
package struct FlawCount: Codable, Sendable, Equatable {
  package var name: String
  /// It did not matter.
  package var ignored: Int
  /// A message was dropped for it.
  package var dropped: Int

  package init(name: String, ignored: Int, dropped: Int) {
    self.name = name
    self.ignored = ignored
    self.dropped = dropped
  }
}
