/// Whole numbers and others.
///
/// ```abnf
/// integer     = dec-int / "0x" hex-digits / "0o" octal-digits / "0b" binary-digits
/// dec-int     = [ "-" / "+" ] ( DIGIT / %x31-39 1*( DIGIT / "_" DIGIT ) )
/// float       = dec-int ( exp / "." digits [ exp ] ) / [ "-" / "+" ] ( "inf" / "nan" )
/// exp         = ( "e" / "E" ) [ "-" / "+" ] digits
/// digits      = DIGIT *( DIGIT / "_" DIGIT )                   ; the like for the other digits
/// ```
extension TOMLReader {
  /// - Returns: nil also for one that 64 bits do not hold.
  static func integer(_ word: String) -> Int64? {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.hasPrefix(prefix) {
      var rest = word.utf8.dropFirst(2)
      guard let digits = takeDigits(&rest, where: isHexDigit), rest.isEmpty else { return nil }
      return Int64(digits, radix: radix)
    }
    return isWhole(word) ? Int64(withoutSeparators(word)) : nil
  }

  static func float(_ word: String) -> Double? {
    var rest = unsigned(word)
    if rest.elementsEqual("inf".utf8) || rest.elementsEqual("nan".utf8) { return Double(word) }
    guard takeWhole(&rest) else { return nil }
    let hasFraction = take(".", &rest)
    if hasFraction, takeDigits(&rest) == nil { return nil }
    let hasExponent = take("e", &rest) || take("E", &rest)
    if hasExponent {
      if !take("-", &rest) { _ = take("+", &rest) }
      if takeDigits(&rest) == nil { return nil }
    }
    return rest.isEmpty && (hasFraction || hasExponent) ? Double(withoutSeparators(word)) : nil
  }

  /// Whether it is a dec-int, of any length.
  static func isWhole(_ word: String) -> Bool {
    var rest = unsigned(word)
    return takeWhole(&rest) && rest.isEmpty
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  static func isHexDigit(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit }

  // MARK: - Pieces

  private static func unsigned(_ word: String) -> Substring.UTF8View {
    word.hasPrefix("-") || word.hasPrefix("+") ? word.utf8.dropFirst() : word.utf8[...]
  }

  private static func take(_ character: Unicode.Scalar, _ rest: inout Substring.UTF8View) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  /// No zero stands before other digits.
  private static func takeWhole(_ rest: inout Substring.UTF8View) -> Bool {
    guard let digits = takeDigits(&rest) else { return false }
    return digits.utf8.count == 1 || !digits.hasPrefix("0")
  }

  /// - Returns: the digits without their underscores, each of which stands between two digits; nil when there is none.
  private static func takeDigits(
    _ rest: inout Substring.UTF8View, where isDigit: (UInt8) -> Bool = Self.isDigit
  ) -> String? {
    var digits = ""
    while let byte = rest.first {
      if isDigit(byte) {
        digits.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        guard byte == UInt8(ascii: "_"), !digits.isEmpty, rest.dropFirst().first.map(isDigit) == true else { break }
      }
      rest.removeFirst()
    }
    return digits.isEmpty ? nil : digits
  }

  private static func withoutSeparators(_ word: String) -> String { word.filter { $0 != "_" } }
}
