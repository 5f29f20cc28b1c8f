/// Dates and times, which no key takes: what is none is a mistake all the same.
///
/// ```abnf
/// date-time    = full-date [ ( "T" / "t" / " " ) partial-time [ time-offset ] ] / partial-time
/// full-date    = 4DIGIT "-" 2DIGIT "-" 2DIGIT                              ; of the Gregorian calendar
/// partial-time = 2DIGIT ":" 2DIGIT ":" 2DIGIT [ "." 1*DIGIT ]              ; 23:59:60 at most (RFC 3339 §5.6)
/// time-offset  = "Z" / "z" / ( "+" / "-" ) 2DIGIT ":" 2DIGIT
/// ```
extension TOMLReader {
  static func looksLikeDate(_ word: String) -> Bool {
    let bytes = Array(word.utf8)
    guard bytes.count >= 5, isDigit(bytes[0]), isDigit(bytes[1]),
      bytes.allSatisfy({ isDigit($0) || "-:.TtZz+".utf8.contains($0) })
    else { return false }
    return bytes[2] == UInt8(ascii: ":")
      || isDigit(bytes[2]) && isDigit(bytes[3]) && bytes[4] == UInt8(ascii: "-")
  }

  /// What begins at `start` looks like a date up to here.
  mutating func date(from start: Int) throws(ReadingFailure) -> ConfigurationValue.Content {
    // "1979-05-27 07:32:00": the one value that may contain a blank.
    if position - start == 10, peek == UInt8(ascii: " "), let next = peek(1), Self.isDigit(next) {
      position += 1
      while let byte = peek, Self.isDigit(byte) || ":.+-Zz".utf8.contains(byte) { position += 1 }
    }
    var text = DateText(rest: bytes[start..<position])
    guard text.isDate else {
      position = start
      throw failure("there is no such date or time, which is written as 1979-05-27T07:32:00Z; a text needs quotes")
    }
    return .date
  }
}

/// Takes a date apart, from the front.
private struct DateText {
  var rest: ArraySlice<UInt8>

  var isDate: Bool {
    mutating get {
      if rest.dropFirst(2).first == UInt8(ascii: ":") { return time() && rest.isEmpty }
      guard day() else { return false }
      guard !rest.isEmpty else { return true }
      guard take("T") || take("t") || take(" "), time() else { return false }
      return rest.isEmpty || (offset() && rest.isEmpty)
    }
  }

  private mutating func day() -> Bool {
    guard let year = number(4, in: 0...9999), take("-"), let month = number(2, in: 1...12), take("-") else {
      return false
    }
    let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return number(2, in: 1...days[month - 1]) != nil
  }

  private mutating func time() -> Bool {
    guard number(2, in: 0...23) != nil, take(":"), number(2, in: 0...59) != nil, take(":"), number(2, in: 0...60) != nil
    else { return false }
    guard take(".") else { return true }
    let digits = rest.prefix(while: TOMLReader.isDigit).count
    rest.removeFirst(digits)
    return digits > 0
  }

  private mutating func offset() -> Bool {
    if take("Z") || take("z") { return true }
    return (take("+") || take("-")) && number(2, in: 0...23) != nil && take(":") && number(2, in: 0...59) != nil
  }

  /// Of so many digits.
  private mutating func number(_ count: Int, in range: ClosedRange<Int>) -> Int? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy(TOMLReader.isDigit) else { return nil }
    rest.removeFirst(count)
    let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    return range.contains(value) ? value : nil
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }
}
