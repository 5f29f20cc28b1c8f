/// The scanning functions every parser of this module is made of. Each takes the index to start at and returns the
/// index behind what it read; nothing is copied.
extension Span<UInt8> {
  /// LWS = [*WSP CRLF] 1*WSP, SWS = [LWS]
  package func skippingSpace(from start: Int) -> Int {
    var index = start
    while index < count, self[index].isWhiteSpace { index += 1 }
    return index
  }

  /// token = 1*(…)
  package func token(from start: Int) -> Int {
    var index = start
    while index < count, self[index].isToken { index += 1 }
    return index
  }

  /// quoted-string = SWS DQUOTE *(qdtext / quoted-pair) DQUOTE; `start` is at the opening quote.
  ///
  /// - Returns: the index behind the closing quote, or nil if there is none.
  package func quotedString(from start: Int) -> Int? {
    var index = start + 1
    while index < count {
      switch self[index] {
      case UInt8(ascii: "\""): return index + 1
      case UInt8(ascii: "\\"): index += 2
      default: index += 1
      }
    }
    return nil
  }

  package func contains(_ byte: UInt8, at index: Int) -> Bool { index < count && self[index] == byte }

  /// The index of the first such byte, outside quoted strings.
  package func firstUnquoted(_ byte: UInt8, from start: Int) -> Int? {
    var index = start
    while index < count {
      if self[index] == byte { return index }
      if self[index] == UInt8(ascii: "\"") {
        guard let end = quotedString(from: index) else { return nil }
        index = end
      } else {
        index += 1
      }
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  /// The part that has these 0-based indices of the slice's span.
  func part(_ range: Range<Int>) -> Bytes { self[(startIndex + range.lowerBound)..<(startIndex + range.upperBound)] }

  /// Splits a comma-separated list (RFC 3261 §7.3.1): commas in quoted strings and in <> do not count.
  package func commaSeparated() -> [Bytes] {
    var parts: [Bytes] = []
    var start = 0
    let bytes = span
    var index = 0
    var inBrackets = false
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\"") where !inBrackets: index = bytes.quotedString(from: index) ?? bytes.count
      case UInt8(ascii: "<"): (inBrackets, index) = (true, index + 1)
      case UInt8(ascii: ">"): (inBrackets, index) = (false, index + 1)
      case UInt8(ascii: ",") where !inBrackets:
        parts.append(part(start..<index).trimmed)
        index += 1
        start = index
      default: index += 1
      }
    }
    parts.append(part(start..<bytes.count).trimmed)
    return parts
  }

  /// The text of a quoted-string without its quotes and with its quoted-pairs undone; anything else as it is.
  package var unquoted: [UInt8] {
    guard count >= 2, first == UInt8(ascii: "\""), last == UInt8(ascii: "\"") else { return Array(self) }
    var text: [UInt8] = []
    text.reserveCapacity(count - 2)
    var index = startIndex + 1
    while index < endIndex - 1 {
      if self[index] == UInt8(ascii: "\\"), index + 1 < endIndex - 1 { index += 1 }
      text.append(self[index])
      index += 1
    }
    return text
  }
}
