extension Parameters {
  /// Where the value of a parameter stands; nil: it is not there.
  struct Finding { let value: Range<Int>? }

  /// Reads parameters in one go, as nearly everybody writes them: without white space.
  ///
  /// - Parameters:
  ///   - start: of the first semicolon, or the end
  ///   - name: to look for, in small letters, with its equals sign; or nothing. Its value is what comes up to the next
  ///     semicolon, and is not looked into: whoever asks takes none but what it can be sure of.
  /// - Returns: nil when they are not well-formed, or have white space or a name in capitals: then they are to be read
  ///   in full.
  static func find(_ name: StaticString, in bytes: Span<UInt8>, from start: Int) -> Finding? {
    let semicolon = UInt8(ascii: ";")
    let length = name.utf8CodeUnitCount
    var found: Range<Int>?
    var index = start
    while index < bytes.count {
      guard bytes[index] == semicolon else { return nil }
      let begin = index + 1
      if length > 0, found == nil, bytes.contains(name, at: begin) {
        index = bytes.first(semicolon, in: (begin + length)..<bytes.count) ?? bytes.count
        found = (begin + length)..<index
        continue
      }
      index = bytes.token(from: begin)
      // A name that is as long may be the same in capitals.
      guard index > begin, found != nil || index - begin != length - 1 else { return nil }
      guard bytes.contains(UInt8(ascii: "="), at: index) else { continue }
      guard let end = value(bytes, from: index + 1) else { return nil }
      index = end
    }
    return Finding(value: found)
  }

  /// gen-value, as `check` has it.
  ///
  /// - Returns: the index behind it; nil when there is none.
  private static func value(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    if bytes.contains(UInt8(ascii: "\""), at: start) { return bytes.quotedString(from: start) }
    var index = start
    while index < bytes.count, CharacterClass.parameterValue.contains(bytes[index]) { index += 1 }
    return index > start ? index : nil
  }
}
