/// host = hostname / IPv4address / IPv6reference (RFC 3261 §25.1)
package enum Host: Hashable, Sendable {
  /// A name in lower case.
  case name(String)
  case address(IPAddress)

  package init?(_ text: String) { self.init(Bytes(text)) }

  /// Reads a host name, an IPv4 address, or an IPv6 address in brackets.
  package init?(_ text: Bytes) { self.init(text.span) }

  init?(_ text: Span<UInt8>) {
    if text.contains(UInt8(ascii: "["), at: 0) {
      guard let address = Self.reference(text) else { return nil }
      self = .address(.v6(address.0, address.1))
    } else if let address = IPAddress.parseV4(text) {
      self = .address(.v4(address))
    } else {
      guard Self.isName(text) else { return nil }
      self = .name(
        unsafe String(unsafeUninitializedCapacity: text.count) { buffer in
          for index in 0..<text.count { unsafe buffer[index] = text[index].lowercasedASCII }
          return text.count
        })
    }
  }

  /// Whether this is a host at all.
  static func isHost(_ text: Span<UInt8>) -> Bool {
    // An IPv4 address has the letters of a name, and one that is none is a name.
    text.contains(UInt8(ascii: "["), at: 0) ? reference(text) != nil : isName(text)
  }

  /// IPv6reference = "[" IPv6address "]"
  private static func reference(_ text: Span<UInt8>) -> (UInt64, UInt64)? {
    guard text.count > 2, text[text.count - 1] == UInt8(ascii: "]") else { return nil }
    return IPAddress.parseV6(text.extracting(1..<(text.count - 1)))
  }

  /// hostname = *( domainlabel "." ) toplabel [ "." ]; an underscore is against the ABNF and in use.
  private static func isName(_ text: Span<UInt8>) -> Bool {
    !text.isEmpty && text.count <= 255 && text.allSatisfy(CharacterClass.hostname.contains)
  }
}

extension Host: CustomStringConvertible {
  /// As it stands in a URI: an IPv6 address in brackets.
  package var description: String {
    switch self {
    case .name(let name): name
    case .address(let address): address.isV6 ? "[\(address)]" : address.description
    }
  }
}

extension Host {
  /// About the bytes of its text.
  package var room: Int {
    switch self {
    case .name(let name): name.utf8.count
    case .address: IPAddress.longestText + 2
    }
  }
}

extension TextWriter {
  /// As `Host.description`.
  package mutating func append(_ host: Host) {
    switch host {
    case .name(let name): append(text: name)
    case .address(let address): append(hostOf: address)
    }
  }
}
