/// What stands in a challenge one behind the other, read so that whatever can mean one thing only is taken.
enum ChallengeItem {
  /// The value with its quotes, empty when there is none behind the equals sign.
  case parameter(name: Range<Int>, value: Range<Int>)
  /// A token that is no parameter.
  case word(Range<Int>)
  /// Nothing more, or the auth-scheme of another challenge.
  case end

  /// - Parameter index: behind what was read before; then behind this, or at the auth-scheme of the next challenge
  static func next(_ bytes: Span<UInt8>, from index: inout Int) throws(SyntaxError) -> ChallengeItem {
    index = separators(bytes, from: index)
    guard index < bytes.count else { return .end }
    let name = index..<bytes.token(from: index)
    guard !name.isEmpty else { throw SyntaxError("auth-param", at: index) }
    let equals = bytes.skippingSpace(from: name.upperBound)
    guard bytes.contains(UInt8(ascii: "="), at: equals) else {
      if beginsChallenge(bytes, name) { return .end }
      index = name.upperBound
      return .word(name)
    }
    let start = bytes.skippingSpace(from: equals + 1)
    index = start
    if bytes.contains(UInt8(ascii: "\""), at: start) {
      guard let end = bytes.quotedString(from: start) else { throw SyntaxError("auth-param", at: start) }
      index = end
    } else {
      // Deviation: a value that ought to be quoted and is not is taken up to what parts it from the next; some
      // registrars send those.
      while index < bytes.count, !isSeparator(bytes, at: index) { index += 1 }
    }
    return .parameter(name: name, value: start..<index)
  }

  /// Where the first challenge behind `start` begins; the end when there is none. For who could not read the one there.
  static func nextChallenge(_ bytes: Span<UInt8>, after start: Int) -> Int {
    var index = bytes.token(from: start)
    // One that does not end is looked for once.
    var quotesEnd = true
    while index < bytes.count {
      if quotesEnd, bytes[index] == UInt8(ascii: "\"") {
        let end = bytes.quotedString(from: index)
        quotesEnd = end != nil
        index = end ?? index + 1
        continue
      }
      let isBoundary = separators(bytes, from: index) > index
      index = isBoundary ? separators(bytes, from: index) : index + 1
      let word = index..<bytes.token(from: index)
      if isBoundary, !word.isEmpty, beginsChallenge(bytes, word) { return index }
      index = word.upperBound
    }
    return bytes.count
  }

  static func separators(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count,
      bytes[index].isWhiteSpace || bytes[index] == UInt8(ascii: ",") || bytes[index] == UInt8(ascii: ";")
    { index += 1 }
    return index
  }

  /// A semicolon parts parameters where one follows; else it is of the value.
  private static func isSeparator(_ bytes: Span<UInt8>, at index: Int) -> Bool {
    if bytes[index].isWhiteSpace || bytes[index] == UInt8(ascii: ",") { return true }
    guard bytes[index] == UInt8(ascii: ";") else { return false }
    return isParameter(bytes, at: bytes.skippingSpace(from: index + 1)) || index + 1 == bytes.count
  }

  private static func isParameter(_ bytes: Span<UInt8>, at start: Int) -> Bool {
    let end = bytes.token(from: start)
    return end > start && bytes.contains(UInt8(ascii: "="), at: bytes.skippingSpace(from: end))
  }

  /// auth-scheme LWS auth-param; the scheme is no parameter itself.
  private static func beginsChallenge(_ bytes: Span<UInt8>, _ word: Range<Int>) -> Bool {
    let behind = bytes.skippingSpace(from: word.upperBound)
    return behind > word.upperBound && isParameter(bytes, at: behind)
  }
}
