/// Text in lines that fit into a terminal. Nothing is lost: what is too long goes on in the next line.
package enum WrappedText {
  /// Fewer columns than these are not worth wrapping for.
  static let narrowest = 20

  /// Breaks between words, or within one that has no line to itself.
  ///
  /// - Parameters:
  ///   - width: columns of a line; nil: all of it is one line
  ///   - hanging: columns by which the lines behind the first are to be narrower, since they are indented
  package static func lines(_ text: String, width: Int?, hanging: Int = 0) -> [String] {
    guard let width, PlainText.width(text) > width else { return [text] }
    var lines: [String] = []
    var line = ""
    var used = 0
    var room: Int { max(narrowest, lines.isEmpty ? width : width - hanging) }
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      let columns = PlainText.width(String(word))
      if used > 0, used + 1 + columns > room {
        lines.append(line)
        (line, used) = ("", 0)
      }
      if used > 0 || !line.isEmpty {
        line += " "
        used += 1
      }
      for character in word {
        let columns = PlainText.width(String(character))
        if used + columns > room {
          lines.append(line)
          (line, used) = ("", 0)
        }
        line.append(character)
        used += columns
      }
    }
    lines.append(line)
    return lines
  }
}
