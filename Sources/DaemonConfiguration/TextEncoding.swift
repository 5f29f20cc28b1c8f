/// What an editor or an export did to a text that was meant to be plain UTF-8.
enum TextEncoding {
  /// U+FEFF in UTF-8, which some editors put in front of every text (RFC 3629 §6).
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  static let isUTF16 = "is UTF-16, not UTF-8: save it as UTF-8, or use iconv -f UTF-16 -t UTF-8"
  static let isNotUTF8 = "not UTF-8"

  /// Without the mark in front.
  static func withoutMark(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    bytes.starts(with: byteOrderMark) ? bytes.dropFirst(byteOrderMark.count) : bytes
  }

  /// Whether it begins as UTF-16 does: with its mark, or with a character of ASCII in two bytes.
  static func isUTF16(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let first = bytes.first, let second = bytes.dropFirst().first else { return false }
    return (first, second) == (0xFF, 0xFE) || (first, second) == (0xFE, 0xFF) || (first == 0) != (second == 0)
  }

  /// Where the first character begins that is not UTF-8; nil if all of it is.
  ///
  /// ```abnf
  /// UTF8-2 = %xC2-DF UTF8-tail                                       ; RFC 3629 §4
  /// UTF8-3 = %xE0 %xA0-BF UTF8-tail / %xE1-EC 2( UTF8-tail ) / %xED %x80-9F UTF8-tail / %xEE-EF 2( UTF8-tail )
  /// UTF8-4 = %xF0 %x90-BF 2( UTF8-tail ) / %xF1-F3 3( UTF8-tail ) / %xF4 %x80-8F 2( UTF8-tail )
  /// UTF8-tail = %x80-BF
  /// ```
  static func firstInvalid(_ bytes: ArraySlice<UInt8>) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let (length, second): (Int, ClosedRange<UInt8>)
      switch bytes[index] {
      case 0x00...0x7F: (length, second) = (1, 0x00...0x7F)
      case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
      case 0xE0: (length, second) = (3, 0xA0...0xBF)
      case 0xED: (length, second) = (3, 0x80...0x9F)
      case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
      case 0xF0: (length, second) = (4, 0x90...0xBF)
      case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
      case 0xF4: (length, second) = (4, 0x80...0x8F)
      default: return index
      }
      guard bytes.endIndex - index >= length else { return index }
      for offset in 1..<max(length, 1) {
        guard (offset == 1 ? second : 0x80...0xBF).contains(bytes[index + offset]) else { return index }
      }
      index += length
    }
    return nil
  }
}

/// Where the first byte stands that is not UTF-8, lines and columns counted from 1; nil if all of it is.
func invalidUTF8(_ bytes: ArraySlice<UInt8>) -> (line: Int, column: Int)? {
  guard let bad = TextEncoding.firstInvalid(bytes) else { return nil }
  let before = bytes[..<bad]
  let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.startIndex
  return (before.count { $0 == UInt8(ascii: "\n") } + 1, bad - lineStart + 1)
}
