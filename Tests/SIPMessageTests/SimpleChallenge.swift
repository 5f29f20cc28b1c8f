import SIPMessage

/// Reads the parameters of the first challenge in a field, slowly and plainly: what the reader in place is compared with.
enum SimpleChallenge {
  /// In their order; names in small letters, values with their quotes.
  static func parameters(_ value: [UInt8]) throws(SyntaxError) -> [(name: String, value: [UInt8])] {
    var rest = value[...].trimmed
    guard token(&rest).equalsIgnoringCase("Digest"), let first = rest.first, first.isWhiteSpace else {
      throw SyntaxError("auth-scheme")
    }
    var found: [(name: String, value: [UInt8])] = []
    var isBareOffer = false
    while true {
      rest = rest.drop { $0.isWhiteSpace || $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") }
      if rest.isEmpty { return found }
      let name = token(&rest)
      if name.isEmpty { throw SyntaxError("auth-param") }
      if beginsValue(rest) {
        rest = rest.drop(while: \.isWhiteSpace).dropFirst().drop(while: \.isWhiteSpace)
        let value = try parameterValue(&rest)
        isBareOffer = false
        guard !value.isEmpty else { continue }
        let lowered = name.map(\.lowercasedASCII)[...].text
        let isNew = !found.contains { $0.name == lowered }
        found.append((lowered, Array(value)))
        isBareOffer = isNew && lowered == "qop" && value.first != UInt8(ascii: "\"")
      } else if rest.first?.isWhiteSpace == true, isParameter(rest) {
        return found
      } else if isBareOffer, let index = found.firstIndex(where: { $0.name == "qop" }) {
        found[index].value += [UInt8(ascii: ",")] + name
      }
    }
  }

  private static func token(_ rest: inout Bytes) -> Bytes {
    let token = rest.prefix(while: \.isToken)
    rest = rest.dropFirst(token.count)
    return token
  }

  private static func beginsValue(_ rest: Bytes) -> Bool {
    rest.first { !$0.isWhiteSpace } == UInt8(ascii: "=")
  }

  private static func isParameter(_ rest: Bytes) -> Bool {
    var rest = rest.drop(while: \.isWhiteSpace)
    return !token(&rest).isEmpty && beginsValue(rest)
  }

  private static func parameterValue(_ rest: inout Bytes) throws(SyntaxError) -> Bytes {
    var end = rest.startIndex
    if rest.first == UInt8(ascii: "\"") {
      end += 1
      while end < rest.endIndex, rest[end] != UInt8(ascii: "\"") { end += rest[end] == UInt8(ascii: "\\") ? 2 : 1 }
      guard end < rest.endIndex else { throw SyntaxError("auth-param") }
      end += 1
    } else {
      while end < rest.endIndex, !isSeparator(rest[end...]) { end += 1 }
    }
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  private static func isSeparator(_ rest: Bytes) -> Bool {
    guard let first = rest.first else { return true }
    if first == UInt8(ascii: ";") { return rest.count == 1 || isParameter(rest.dropFirst()) }
    return first.isWhiteSpace || first == UInt8(ascii: ",")
  }
}
