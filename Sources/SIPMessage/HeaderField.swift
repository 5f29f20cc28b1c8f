/// Where a header field stands in its message: its name as a number, its parts as ranges of the message's bytes.
package struct HeaderField: Sendable {
  package let name: HeaderName
  private let valueStart: UInt32
  private let valueEnd: UInt32

  init(name: HeaderName, value: Range<Int>) {
    self.name = name
    valueStart = UInt32(value.lowerBound)
    valueEnd = UInt32(value.upperBound)
  }

  /// Of the value as written, without the white space around it; a folded value keeps its folds.
  package var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
