/// Text that comes from the network, made fit for a terminal. A reason phrase or a Contact may carry escape sequences,
/// line ends, or marks that reverse the line; here each becomes visible and harmless.
package enum PlainText {
  /// Control and format characters as escapes such as `\x1b` and `\u{202e}`; everything else as it is.
  package static func neutralised(_ text: String) -> String {
    guard !isPlainASCII(text), text.unicodeScalars.contains(where: isDangerous) else { return text }
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isDangerous(scalar) { plain += escape(scalar).unicodeScalars } else { plain.append(scalar) }
    }
    return String(plain)
  }

  /// The columns that the text takes on a terminal.
  package static func width(_ text: String) -> Int {
    isPlainASCII(text) ? text.utf8.count : text.reduce(0) { $0 + width($1) }
  }

  /// At most `limit` columns; a text that is longer ends in an ellipsis.
  package static func clipped(_ text: String, to limit: Int) -> String {
    guard width(text) > limit else { return text }
    var kept = ""
    var room = limit - 1
    for character in text {
      room -= width(character)
      guard room >= 0 else { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// Nearly all text is, and then needs no look at what Unicode says of it.
  private static func isPlainASCII(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } }

  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
    default: false
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    let hex = String(scalar.value, radix: 16)
    return scalar.value < 0x100 ? "\\x" + (hex.count < 2 ? "0" + hex : hex) : "\\u{\(hex)}"
  }

  private static func width(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .control, .format: return 0
    default: break
    }
    return first.properties.isEmojiPresentation || isWide(first.value) ? 2 : 1
  }

  /// The blocks of UAX #11 that are wide throughout, for practical purposes: the standard library has no property for it.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
      0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
