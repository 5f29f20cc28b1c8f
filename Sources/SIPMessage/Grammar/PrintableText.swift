/// What somebody else wrote, fit to be shown to people: on one line, without characters that would move the cursor,
/// recolour a terminal or turn the direction of what stands around them, and not endless.
extension StringProtocol {
  /// - Parameters:
  ///   - limit: in Unicode scalars
  ///   - ending: tells that there was more
  ///   - standIn: what is shown for a character that is not
  package func printable(
    atMost limit: Int, ending: String = "", standIn: (Unicode.Scalar) -> String = { _ in " " }
  ) -> String {
    // Most texts are plain.
    if utf8.count <= limit, utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return String(self) }
    var shown = ""
    for scalar in unicodeScalars.prefix(limit) {
      if scalar.isPrintable { shown.unicodeScalars.append(scalar) } else { shown += standIn(scalar) }
    }
    return unicodeScalars.dropFirst(limit).isEmpty ? shown : shown + ending
  }
}

extension ArraySlice<UInt8> {
  /// What is no UTF-8 is shown as U+FFFD, and what is not to be shown as a space.
  ///
  /// - Parameters:
  ///   - limit: in Unicode scalars
  ///   - ending: tells that there was more
  package func printable(atMost limit: Int, ending: String = "") -> String {
    // A scalar has four bytes at most, and one more tells whether that is all.
    let start = prefix(4 * (limit + 1))
    if start.count <= limit, start.allSatisfy({ (0x20..<0x7F).contains($0) }) { return start.text }
    return start.text.printable(atMost: limit, ending: ending)
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation,
      .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation, .finalPunctuation, .otherPunctuation,
      .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol, .spaceSeparator:
      true
    @unknown default: false
    }
  }
}
