/// An IPv4 or IPv6 address as a number (RFC 3261 §25.1 IPv4address and IPv6reference; text forms of RFC 4291, 5952).
package enum IPAddress: Hashable, Sendable {
  case v4(UInt32)
  /// The upper and the lower 64 bits.
  case v6(UInt64, UInt64)

  package init?(_ text: String) { self.init(Bytes(text)) }

  /// Reads `192.0.2.1` or `2001:db8::1`, without brackets. Three colons, as the ABNF of RFC 3261 wrongly allowed
  /// before an embedded IPv4 address, are taken as two (RFC 5118 §4.10).
  package init?(_ text: Bytes) {
    if text.span.first(UInt8(ascii: ":"), in: 0..<text.count) != nil {
      guard let (upper, lower) = Self.parseV6(text.span) else { return nil }
      self = .v6(upper, lower)
    } else {
      guard let value = Self.parseV4(text.span) else { return nil }
      self = .v4(value)
    }
  }

  /// IPv4address = 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT "." 1*3DIGIT
  static func parseV4(_ text: Span<UInt8>) -> UInt32? {
    var value: UInt32 = 0
    var octet: UInt32 = 0
    var digits = 0
    var dots = 0
    for index in 0..<text.count {
      let byte = text[index]
      if byte.isDigit {
        octet = octet * 10 + UInt32(byte - 0x30)
        digits += 1
        guard digits <= 3, octet <= 255 else { return nil }
      } else {
        guard byte == UInt8(ascii: "."), digits > 0, dots < 3 else { return nil }
        value = value << 8 | octet
        (octet, digits, dots) = (0, 0, dots + 1)
      }
    }
    guard dots == 3, digits > 0 else { return nil }
    return value << 8 | octet
  }

  /// IPv6address = hexpart [ ":" IPv4address ]: eight groups of 1*4HEXDIG, one run of zeros left out as "::".
  static func parseV6(_ text: Span<UInt8>) -> (UInt64, UInt64)? {
    var groups: [UInt16] = []
    var gap: Int?
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: ":") {
        var colons = 0
        while text.contains(UInt8(ascii: ":"), at: index + colons) { colons += 1 }
        if colons >= 2 {
          guard colons <= 3, gap == nil else { return nil }
          gap = groups.count
        } else if groups.isEmpty || index + 1 == text.count {
          return nil
        }
        index += colons
        continue
      }
      let end = text.first(UInt8(ascii: ":"), in: index..<text.count) ?? text.count
      if text.first(UInt8(ascii: "."), in: index..<end) != nil {
        guard end == text.count, let v4 = parseV4(text.extracting(index..<end)) else { return nil }
        groups += [UInt16(v4 >> 16), UInt16(v4 & 0xFFFF)]
      } else {
        guard let group = text.extracting(index..<end).hexadecimalGroup else { return nil }
        groups.append(group)
      }
      guard groups.count <= 8 else { return nil }
      index = end
    }
    if let gap {
      guard groups.count < 8 else { return nil }
      groups.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    }
    guard groups.count == 8 else { return nil }
    func half(_ part: ArraySlice<UInt16>) -> UInt64 { part.reduce(0) { $0 << 16 | UInt64($1) } }
    return (half(groups[..<4]), half(groups[4...]))
  }

  package var isV6: Bool {
    switch self {
    case .v4: false
    case .v6: true
    }
  }

  package var isLoopback: Bool {
    switch self {
    case .v4(let value): value >> 24 == 127
    case .v6(let upper, let lower): upper == 0 && lower == 1
    }
  }

  package var isUnspecified: Bool {
    switch self {
    case .v4(let value): value == 0
    case .v6(let upper, let lower): upper == 0 && lower == 0
    }
  }
}

extension IPAddress: CustomStringConvertible {
  /// As many bytes as its text form has at most.
  package static var longestText: Int { 39 }

  /// The text form; for IPv6 that of RFC 5952, without brackets.
  package var description: String {
    switch self {
    case .v4(let value): "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    case .v6(let upper, let lower): Self.describeV6(upper, lower)
    }
  }

  private static func describeV6(_ upper: UInt64, _ lower: UInt64) -> String {
    let groups = [48, 32, 16, 0].map { upper >> $0 & 0xFFFF } + [48, 32, 16, 0].map { lower >> $0 & 0xFFFF }
    var longest = 0..<0
    var index = 0
    while index < 8 {
      var end = index
      while end < 8, groups[end] == 0 { end += 1 }
      if end - index > max(longest.count, 1) { longest = index..<end }
      index = max(end, index + 1)
    }
    func hex(_ part: ArraySlice<UInt64>) -> String { part.map { String($0, radix: 16) }.joined(separator: ":") }
    guard !longest.isEmpty else { return hex(groups[...]) }
    return hex(groups[..<longest.lowerBound]) + "::" + hex(groups[longest.upperBound...])
  }
}

extension Span<UInt8> {
  /// The value of 1*4HEXDIG.
  fileprivate var hexadecimalGroup: UInt16? {
    guard (1...4).contains(count) else { return nil }
    var value: UInt16 = 0
    for index in 0..<count {
      guard self[index].isHexDigit else { return nil }
      value = value << 4 | UInt16(self[index].isDigit ? self[index] - 0x30 : (self[index] | 0x20) - 0x57)
    }
    return value
  }
}

extension TextWriter {
  /// As the host of a URI or a Via: an IPv6 address in brackets.
  package mutating func append(hostOf address: IPAddress) {
    switch address {
    case .v4(let value):
      append(decimal: UInt64(value >> 24))
      for shift: UInt32 in [16, 8, 0] {
        append(UInt8(ascii: "."))
        append(decimal: UInt64(value >> shift & 255))
      }
    case .v6: append(text: "[\(address)]")
    }
  }
}

extension [UInt8] {
  /// As the host of a URI or a Via: an IPv6 address in brackets.
  package mutating func append(hostOf address: IPAddress) {
    append(reserving: IPAddress.longestText + 2) { $0.append(hostOf: address) }
  }

  package mutating func append(_ endpoint: Endpoint) {
    append(hostOf: endpoint.address)
    append(UInt8(ascii: ":"))
    append(decimal: UInt64(endpoint.port))
  }
}

extension IPAddress {
  /// Of an IPv4-mapped IPv6 address (::ffff:0:0/96, RFC 4291 §2.5.5.2) the IPv4 address; any other as it is.
  package var unmapped: IPAddress {
    if case .v6(0, let lower) = self, lower >> 32 == 0xFFFF { return .v4(UInt32(truncatingIfNeeded: lower)) }
    return self
  }
}
