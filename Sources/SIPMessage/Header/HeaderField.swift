/// Where a header field stands in its message: its name as a number where it is known, its parts as ranges of the
/// message's bytes.
package struct HeaderField: Sendable {
  /// nil: a name that is not known here; `Message.name(of:)` has it as it is written.
  package let name: HeaderName?
  /// Nothing in it is a fold (RFC 3261 §7.3.1), nor a CR or LF that is none.
  let isOneLine: Bool
  // A message has at most 65,535 bytes (`Limits.messageSize`).
  private let nameStart: UInt16
  private let nameEnd: UInt16
  private let valueStart: UInt16
  private let valueEnd: UInt16

  init(name: HeaderName?, written: Range<Int>, value: Range<Int>, isOneLine: Bool) {
    self.name = name
    self.isOneLine = isOneLine
    nameStart = UInt16(written.lowerBound)
    nameEnd = UInt16(written.upperBound)
    valueStart = UInt16(value.lowerBound)
    valueEnd = UInt16(value.upperBound)
  }

  /// Of the name as written.
  var written: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  /// Of the value as written, without the white space around it; a folded value keeps its folds.
  package var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
