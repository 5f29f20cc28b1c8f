extension URI {
  /// A SIP URI of parts; the user is escaped as §25.1 wants it.
  ///
  /// - Throws: when a parameter holds what a URI can not.
  package static func sip(
    user: String? = nil, host: Host, port: UInt16? = nil, parameters: [(String, String?)] = []
  ) throws(SyntaxError) -> URI {
    var text = "sip:"
    if let user { text += escapingUser(user) + "@" }
    text += host.description
    if let port { text += ":\(port)" }
    for (name, value) in parameters { text += value.map { ";\(name)=\($0)" } ?? ";\(name)" }
    return try URI(text)
  }

  /// With `;lr` when it is missing: a forgotten `;lr` must not turn into strict routing by accident.
  package func addingLooseRouting() -> URI {
    guard (scheme == .sip || scheme == .sips), !isLooseRouter else { return self }
    var bytes = Array(text)
    let end = headers.map { $0.startIndex - text.startIndex - 1 } ?? bytes.count
    bytes.insert(contentsOf: ";lr".utf8, at: end)
    return (try? URI(parsing: bytes[...])) ?? self
  }

  /// Without what the table of §19.1.1 forbids in a Request-URI: the method parameter and the headers.
  package func asRequestURI() -> URI {
    guard scheme == .sip || scheme == .sips, headers != nil || parameters.contains("method") else { return self }
    var bytes = Array(text.part(0..<(parameters.text.startIndex - text.startIndex)))
    parameters.forEach { name, value in
      guard !name.equalsIgnoringCase("method") else { return true }
      bytes.append(UInt8(ascii: ";"))
      bytes += name
      if let value { bytes += [UInt8(ascii: "=")] + value }
      return true
    }
    return (try? URI(parsing: bytes[...])) ?? self
  }

  /// Escapes what may not stand in a user part (§25.1).
  package static func escapingUser(_ user: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in user.utf8 {
      if byte.isUser {
        text.append(byte)
      } else {
        text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Undoes escapes, once: `%2541` is `%41`, and `%00` is a byte like any other.
  package static func unescaping(_ text: Bytes) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
        let byte = UInt8(text[(index + 1)...(index + 2)].text, radix: 16)
      {
        bytes.append(byte)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }
}
