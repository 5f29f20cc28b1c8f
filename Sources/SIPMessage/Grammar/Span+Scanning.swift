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

  /// The index of the first such byte.
  package func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
    let pattern = SIMD16<UInt8>(repeating: byte)
    return first(in: range, { $0 .== pattern }, { $0 == byte })
  }

  /// The index of the first CR or LF.
  func firstLineBreak(in range: Range<Int>) -> Int? {
    let (cr, lf) = (SIMD16<UInt8>(repeating: 0x0D), SIMD16<UInt8>(repeating: 0x0A))
    return first(in: range, { ($0 .== cr) .| ($0 .== lf) }, { $0 == 0x0D || $0 == 0x0A })
  }

  /// Neither CR nor LF nor NUL.
  package func isOneLine(in range: Range<Int>) -> Bool {
    let (cr, lf, nul) = (
      SIMD16<UInt8>(repeating: 0x0D), SIMD16<UInt8>(repeating: 0x0A), SIMD16<UInt8>(repeating: 0)
    )
    return first(
      in: range, { ($0 .== cr) .| ($0 .== lf) .| ($0 .== nul) }, { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) == nil
  }

  /// Neither of the two that a quoted-string escapes.
  var hasNothingToQuote: Bool {
    let (quote, escape) = (SIMD16<UInt8>(repeating: 0x22), SIMD16<UInt8>(repeating: 0x5C))
    return first(
      in: 0..<count, { ($0 .== quote) .| ($0 .== escape) }, { $0 == 0x22 || $0 == 0x5C }) == nil
  }

  /// Neither a control character (C0) nor DEL.
  package func isPrintable(in range: Range<Int>) -> Bool {
    let (space, delete) = (SIMD16<UInt8>(repeating: 0x20), SIMD16<UInt8>(repeating: 0x7F))
    return first(in: range, { ($0 .< space) .| ($0 .== delete) }, { $0 < 0x20 || $0 == 0x7F }) == nil
  }

  /// Sixteen at a time, as long as there are so many, also behind the range.
  @inline(__always)
  private func first(
    in range: Range<Int>, _ matches: (SIMD16<UInt8>) -> SIMDMask<SIMD16<Int8>>, _ isMatch: (UInt8) -> Bool
  ) -> Int? {
    let (count, end) = (count, range.upperBound)
    precondition(range.lowerBound >= 0 && end <= count)
    var index = range.lowerBound
    while index < end, index <= count &- 16 {
      let found = matches(unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: SIMD16<UInt8>.self))
      let halves = unsafe unsafeBitCast(found, to: SIMD2<UInt64>.self)
      if halves[0] != 0 {
        index &+= halves[0].littleEndian.trailingZeroBitCount / 8
        return index < end ? index : nil
      }
      if halves[1] != 0 {
        index &+= 8 &+ halves[1].littleEndian.trailingZeroBitCount / 8
        return index < end ? index : nil
      }
      index &+= 16
    }
    while index < end {
      if isMatch(self[index]) { return index }
      index += 1
    }
    return nil
  }

  func allSatisfy(_ isWanted: (UInt8) -> Bool) -> Bool {
    for index in 0..<count where !isWanted(self[index]) { return false }
    return true
  }

  /// The value of 1*DIGIT, or nil if this is something else or does not fit.
  package func decimal<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? {
    guard !isEmpty else { return nil }
    var value: Value = 0
    for index in 0..<count {
      guard self[index].isDigit else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Value(self[index] - UInt8(ascii: "0")))
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  /// The part of a range that has no LWS on either side.
  package func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, self[start].isWhiteSpace { start += 1 }
    while start < end, self[end - 1].isWhiteSpace { end -= 1 }
    return start..<end
  }

  /// Appends what stands between the quotes of a quoted-string, its quoted-pairs undone.
  func unescape(_ range: Range<Int>, into text: inout [UInt8]) {
    var index = range.lowerBound
    while index < range.upperBound {
      if self[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound { index += 1 }
      text.append(self[index])
      index += 1
    }
  }

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

extension Span<UInt8> {
  /// The index of the comma that ends a value of a list.
  func separator(from start: Int) -> Int? {
    // Most values stand alone.
    guard let comma = first(UInt8(ascii: ","), in: start..<count) else { return nil }
    guard first(UInt8(ascii: "\""), in: start..<comma) != nil || first(UInt8(ascii: "<"), in: start..<comma) != nil
    else { return comma }
    var index = start
    var inBrackets = false
    while index < count {
      switch self[index] {
      case UInt8(ascii: "\"") where !inBrackets: index = quotedString(from: index) ?? count
      case UInt8(ascii: "<"): (inBrackets, index) = (true, index + 1)
      case UInt8(ascii: ">"): (inBrackets, index) = (false, index + 1)
      case UInt8(ascii: ",") where !inBrackets: return index
      default: index += 1
      }
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  /// The part that has these 0-based indices of the slice's span.
  package func part(_ range: Range<Int>) -> Bytes {
    self[(startIndex + range.lowerBound)..<(startIndex + range.upperBound)]
  }

  /// Splits a comma-separated list (RFC 3261 §7.3.1): commas in quoted strings and in <> do not count.
  package func commaSeparated() -> [Bytes] {
    var parts: [Bytes] = []
    forEachSeparated { part in
      parts.append(part)
      return true
    }
    return parts
  }

  /// The first part of a comma-separated list.
  package var firstSeparated: Bytes {
    let bytes = span
    return part(bytes.trimmed(0..<(bytes.separator(from: 0) ?? bytes.count)))
  }

  /// The parts of a comma-separated list in order, until `body` answers false.
  package func forEachSeparated(_ body: (Bytes) -> Bool) {
    let bytes = span
    var start = 0
    while true {
      let end = bytes.separator(from: start) ?? bytes.count
      guard body(part(bytes.trimmed(start..<end))), end < bytes.count else { return }
      start = end + 1
    }
  }

  /// The text of a quoted-string without its quotes and with its quoted-pairs undone; anything else as it is.
  package var unquoted: [UInt8] {
    guard count >= 2, first == UInt8(ascii: "\""), last == UInt8(ascii: "\"") else { return Array(self) }
    var text: [UInt8] = []
    text.reserveCapacity(count - 2)
    span.unescape(1..<(count - 1), into: &text)
    return text
  }
}
