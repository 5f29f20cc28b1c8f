/// A value of a Contact list as far as it can be told (RFC 3261 §20.10): what stands in angle brackets, or else up to the
/// first semicolon, and what stands behind. Neither is well-formed for certain.
package struct ListedContact: Sendable {
  /// Of one message. As many of the shortest that are URIs fit into one; what comes behind is not looked at.
  static let maximumCount = 4096

  /// As written.
  package let text: Bytes
  package let uriText: Bytes
  package let isBracketed: Bool
  /// From the first semicolon behind the URI, or empty.
  package let parameters: Parameters

  /// - Returns: nil for nothing and for the star.
  init?(_ value: Bytes) {
    let value = value.trimmed
    guard !value.isEmpty, !value.equals("*") else { return nil }
    let bytes = value.span
    text = value
    // A display name may hold brackets.
    let name = bytes[0] == UInt8(ascii: "\"") ? bytes.quotedString(from: 0) ?? 0 : 0
    let close = bytes.first(UInt8(ascii: ">"), in: name..<bytes.count)
    let open = (name..<(close ?? bytes.count)).last { bytes[$0] == UInt8(ascii: "<") }
    let end: Int
    isBracketed = open != nil
    if let open {
      end = close ?? bytes.count
      uriText = value.part(bytes.trimmed((open + 1)..<end))
    } else {
      end = bytes.first(UInt8(ascii: ";"), in: name..<(close ?? bytes.count)) ?? close ?? bytes.count
      uriText = value.part(bytes.trimmed(name..<end))
    }
    let semicolon = bytes.first(UInt8(ascii: ";"), in: end..<bytes.count) ?? bytes.count
    parameters = Parameters(text: value.part(semicolon..<bytes.count))
  }

  /// The parameters of the URI, which may be no URI.
  package var uriParameters: Parameters {
    let bytes = uriText.span
    let end = bytes.first(UInt8(ascii: "?"), in: 0..<bytes.count) ?? bytes.count
    let start = bytes.first(UInt8(ascii: ";"), in: 0..<end) ?? end
    return Parameters(text: uriText.part(start..<end))
  }

  /// The URI without its parameters and headers; nil when that is none either.
  package var uriWithoutParameters: URI? {
    let bytes = uriText.span
    // A user may hold semicolons and question marks.
    let start = bytes.first(UInt8(ascii: "@"), in: 0..<bytes.count) ?? 0
    let question = bytes.first(UInt8(ascii: "?"), in: start..<bytes.count) ?? bytes.count
    let end = bytes.first(UInt8(ascii: ";"), in: start..<question) ?? question
    return try? URI(parsing: uriText.part(0..<end))
  }

  /// Whether it is at least meant to be a SIP URI.
  package var isMeantForSIP: Bool {
    uriText.prefix(4).equalsIgnoringCase("sip:".utf8) || uriText.prefix(5).equalsIgnoringCase("sips:".utf8)
  }

  /// Values in order, until `body` answers false. Commas in quotes and in <> do not part them, nor do those of a list that
  /// ought to be quoted (`;methods=INVITE,ACK;expires=60`); a quote or a bracket that is never closed is a character like
  /// another.
  static func forEach(in list: Bytes, _ body: (ListedContact) -> Bool) {
    let bytes = list.span
    // What is found, or looked for in vain, is not looked for again at every one that follows.
    var quotesEnd = true
    var close = -1
    var start = 0
    while start < bytes.count {
      var end = end(of: bytes, from: start, &quotesEnd, &close)
      while end < bytes.count {
        let next = Self.end(of: bytes, from: end + 1, &quotesEnd, &close)
        guard goesOn(bytes.extracting((end + 1)..<next)) else { break }
        end = next
      }
      if let contact = ListedContact(list.part(start..<end)), !body(contact) { return }
      start = end + 1
    }
  }

  /// Whether this is no Contact, but a word of such a list, and perhaps the parameters behind it.
  private static func goesOn(_ bytes: Span<UInt8>) -> Bool {
    let semicolon = bytes.first(UInt8(ascii: ";"), in: 0..<bytes.count) ?? bytes.count
    let word = bytes.trimmed(0..<semicolon)
    return bytes.token(from: word.lowerBound) >= word.upperBound
  }

  /// - Parameter close: where the next closing bracket is, once it has been looked for
  private static func end(
    of bytes: Span<UInt8>, from start: Int, _ quotesEnd: inout Bool, _ close: inout Int
  ) -> Int {
    var index = start
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: ","): return index
      case UInt8(ascii: "\"") where quotesEnd:
        let end = bytes.quotedString(from: index)
        quotesEnd = end != nil
        index = end ?? index + 1
      case UInt8(ascii: "<"):
        if close < index { close = bytes.first(UInt8(ascii: ">"), in: index..<bytes.count) ?? bytes.count }
        index += 1
        guard close < bytes.count else { continue }
        // Where another one opens first, this one is never closed.
        while index < close, bytes[index] != UInt8(ascii: "<") { index += 1 }
      default: index += 1
      }
    }
    return bytes.count
  }
}
