/// The character classes of RFC 3261 §25.1.
extension UInt8 {
  package var isDigit: Bool { self >= 0x30 && self <= 0x39 }

  package var isAlpha: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }

  package var isAlphanumeric: Bool { isDigit || isAlpha }

  package var isHexDigit: Bool { isDigit || ((self | 0x20) >= 0x61 && (self | 0x20) <= 0x66) }

  /// SP, HTAB, and the CR and LF of a fold.
  package var isWhiteSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A }

  /// token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~")
  package var isToken: Bool {
    if isAlphanumeric { return true }
    switch self {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "%"), UInt8(ascii: "*"),
      UInt8(ascii: "_"),
      UInt8(ascii: "+"), UInt8(ascii: "`"), UInt8(ascii: "'"), UInt8(ascii: "~"):
      return true
    default: return false
    }
  }

  /// word, of which Call-ID is made: token and ( ) < > : \ " / [ ] ? { }
  package var isWord: Bool {
    if isToken { return true }
    switch self {
    case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ":"),
      UInt8(ascii: "\\"),
      UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "?"), UInt8(ascii: "{"),
      UInt8(ascii: "}"):
      return true
    default: return false
    }
  }

  /// mark = "-" / "_" / "." / "!" / "~" / "*" / "'" / "(" / ")"
  var isMark: Bool {
    switch self {
    case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "~"),
      UInt8(ascii: "*"),
      UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"):
      return true
    default: return false
    }
  }

  /// unreserved = alphanum / mark
  var isUnreserved: Bool { isAlphanumeric || isMark }

  /// user = 1*(unreserved / escaped / user-unreserved), user-unreserved = "&" / "=" / "+" / "$" / "," / ";" / "?" / "/"
  var isUser: Bool {
    if isUnreserved { return true }
    switch self {
    case UInt8(ascii: "&"), UInt8(ascii: "="), UInt8(ascii: "+"), UInt8(ascii: "$"), UInt8(ascii: ","),
      UInt8(ascii: ";"),
      UInt8(ascii: "?"), UInt8(ascii: "/"):
      return true
    default: return false
    }
  }

  /// What may stand in a URI at all: printable ASCII without the delimiters that end one.
  var isURICharacter: Bool {
    self > 0x20 && self < 0x7F && self != UInt8(ascii: "<") && self != UInt8(ascii: ">") && self != UInt8(ascii: "\"")
  }
}
