/// host = hostname / IPv4address / IPv6reference (RFC 3261 §25.1)
package enum Host: Hashable, Sendable {
  /// A name in lower case.
  case name(String)
  case address(IPAddress)

  package init?(_ text: String) { self.init(Bytes(text)) }

  /// Reads a host name, an IPv4 address, or an IPv6 address in brackets.
  package init?(_ text: Bytes) {
    if text.first == UInt8(ascii: "[") {
      guard text.last == UInt8(ascii: "]"), let address = IPAddress(text.dropFirst().dropLast()), address.isV6 else {
        return nil
      }
      self = .address(address)
    } else if let address = IPAddress(text) {
      guard !address.isV6 else { return nil }
      self = .address(address)
    } else {
      // hostname = *( domainlabel "." ) toplabel [ "." ]; an underscore is against the ABNF and in use.
      guard !text.isEmpty, text.count <= 255,
        text.allSatisfy({
          $0.isAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
        })
      else { return nil }
      self = .name(String(decoding: text.map(\.lowercasedASCII), as: UTF8.self))
    }
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
