extension String {
  /// The text with every control character made visible (`\n`, `\u{1b}`), so that what a peer sent can neither start
  /// a line of its own in a log nor drive the reader's terminal. Covers C0, DEL, C1, the line separators of Unicode
  /// and the marks that reverse the direction of writing. A backslash stays as it is: this is for reading, and cannot
  /// be turned back.
  package var onOneLine: String {
    if utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return self }
    var line = ""
    line.reserveCapacity(utf8.count)
    for scalar in unicodeScalars {
      if scalar.isPrintable {
        line.unicodeScalars.append(scalar)
      } else {
        line += scalar.escaped(asASCII: true)
      }
    }
    return line
  }
}

extension Unicode.Scalar {
  fileprivate var isPrintable: Bool {
    switch value {
    case 0..<0x20, 0x7f..<0xa0: false
    case 0x2028, 0x2029, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: false
    default: true
    }
  }
}
