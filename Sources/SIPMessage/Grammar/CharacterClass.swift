/// A set of ASCII characters, one bit each: whether a byte is in it costs the same whatever the set.
package struct CharacterClass: Sendable {
  /// 0…63 and 64…127, the lowest bit first.
  private let low: UInt64
  private let high: UInt64

  private init(_ low: UInt64, _ high: UInt64) {
    self.low = low
    self.high = high
  }

  package func contains(_ byte: UInt8) -> Bool {
    byte < 128 && (byte < 64 ? low : high) &>> UInt64(byte & 63) & 1 == 1
  }

  /// token = 1*(alphanum / "-" / "." / "!" / "%" / "*" / "_" / "+" / "`" / "'" / "~") (RFC 3261 §25.1)
  package static var token: Self { Self(0x03FF_6CA2_0000_0000, 0x47FF_FFFF_87FF_FFFE) }
  /// word, of which Call-ID is made: token and ( ) < > : \ " / [ ] ? { }
  package static var word: Self { Self(0xD7FF_EFA6_0000_0000, 0x6FFF_FFFF_BFFF_FFFE) }
  /// unreserved = alphanum / mark, mark = "-" / "_" / "." / "!" / "~" / "*" / "'" / "(" / ")"
  package static var unreserved: Self { Self(0x03FF_6782_0000_0000, 0x47FF_FFFE_87FF_FFFE) }
  /// user = 1*(unreserved / escaped / user-unreserved), user-unreserved = "&" / "=" / "+" / "$" / "," / ";" / "?" / "/"
  package static var user: Self { Self(0xABFF_FFD2_0000_0000, 0x47FF_FFFE_87FF_FFFE) }
  /// What may stand in a URI at all: printable ASCII without the delimiters < > " that end one.
  package static var uri: Self { Self(0xAFFF_FFFA_0000_0000, 0x7FFF_FFFF_FFFF_FFFF) }
  /// Of a token, or of what an address has besides: : [ ] /
  package static var parameterValue: Self { Self(0x07FF_ECA2_0000_0000, 0x47FF_FFFF_AFFF_FFFE) }
  /// Of a hostname: alphanum / "-" / "."; an underscore is against the ABNF and in use.
  package static var hostname: Self { Self(0x03FF_6000_0000_0000, 0x07FF_FFFE_87FF_FFFE) }
}

extension UInt8 {
  package var isDigit: Bool { self >= 0x30 && self <= 0x39 }

  package var isAlpha: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }

  package var isAlphanumeric: Bool { isDigit || isAlpha }

  package var isHexDigit: Bool { isDigit || ((self | 0x20) >= 0x61 && (self | 0x20) <= 0x66) }

  /// SP, HTAB, and the CR and LF of a fold.
  package var isWhiteSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A }

  package var isToken: Bool { CharacterClass.token.contains(self) }
  package var isWord: Bool { CharacterClass.word.contains(self) }
  var isUnreserved: Bool { CharacterClass.unreserved.contains(self) }
  var isUser: Bool { CharacterClass.user.contains(self) }
  var isURICharacter: Bool { CharacterClass.uri.contains(self) }
}
