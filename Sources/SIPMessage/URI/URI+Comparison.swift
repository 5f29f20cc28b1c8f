extension URI {
  /// Whether both name the same resource (RFC 3261 §19.1.4).
  ///
  /// Scheme, user, password, host and port have to agree; escaped and plain forms are the same outside the reserved
  /// set; user, ttl, method and maddr must be in both or in none; any other parameter counts only where both have it;
  /// headers must agree. URIs of other schemes are compared byte for byte, the scheme in either case.
  package func isEquivalent(to other: URI) -> Bool {
    if self == other { return true }
    guard scheme == other.scheme else { return false }
    guard scheme == .sip || scheme == .sips else { return text.equalsIgnoringCase(other.text) }
    return host == other.host && port == other.port && Self.same(user, other.user)
      && Self.same(password, other.password)
      && agrees(with: other) && other.agrees(with: self) && Self.sameHeaders(headers, other.headers)
  }

  /// Whether both are reached the same way: as `isEquivalent`, but a port or transport that is left out is the usual one
  /// (§19.1.2), and other parameters do not count. For what somebody between us and the registrar may have added or
  /// left out.
  package func isReached(as other: URI) -> Bool {
    guard scheme == other.scheme, scheme == .sip || scheme == .sips else { return false }
    return host == other.host && usualPort == other.usualPort && Self.same(user, other.user)
      && Self.same(password, other.password)
      && Self.sameIgnoringCase(usualTransport, other.usualTransport)
  }

  private var usualTransport: Bytes { parameters["transport"] ?? (scheme == .sips ? Bytes("tls") : Bytes("udp")) }

  private var usualPort: UInt16 {
    if let port { return port }
    return usualTransport.equalsIgnoringCase("tls") || scheme == .sips ? 5061 : 5060
  }

  /// The user part is case-sensitive.
  private static func same(_ left: Bytes?, _ right: Bytes?) -> Bool {
    switch (left, right) {
    case (nil, nil): true
    case (let left?, let right?): normalised(left) == normalised(right)
    case (nil, _?), (_?, nil): false
    }
  }

  private static func sameIgnoringCase(_ left: Bytes, _ right: Bytes) -> Bool {
    normalised(left)[...].equalsIgnoringCase(normalised(right))
  }

  /// Undoes the escapes of unreserved characters; the others keep theirs, in upper case.
  private static func normalised(_ text: Bytes) -> [UInt8] {
    guard text.contains(UInt8(ascii: "%")) else { return Array(text) }
    var bytes: [UInt8] = []
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
        let byte = UInt8(text[(index + 1)...(index + 2)].text, radix: 16)
      {
        if byte.isUnreserved {
          bytes.append(byte)
        } else {
          bytes += text[index...(index + 2)].map { $0 >= 0x61 && $0 <= 0x66 ? $0 & 0xDF : $0 }
        }
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  /// Whether every parameter here that counts is the same there.
  private func agrees(with other: URI) -> Bool {
    var isSame = true
    parameters.forEach { name, value in
      let mustBeInBoth = ["user", "ttl", "method", "maddr", "transport"].contains { name.equalsIgnoringCase($0.utf8) }
      var found = false
      other.parameters.forEach { otherName, otherValue in
        guard Self.sameIgnoringCase(name, otherName) else { return true }
        found = true
        isSame = Self.sameIgnoringCase(value ?? [], otherValue ?? [])
        return false
      }
      if !found, mustBeInBoth { isSame = false }
      return isSame
    }
    return isSame
  }

  /// Headers compare as a set: the order does not matter.
  private static func sameHeaders(_ left: Bytes?, _ right: Bytes?) -> Bool {
    func parts(_ headers: Bytes?) -> [[UInt8]] {
      (headers ?? []).split(separator: UInt8(ascii: "&")).map { header in
        let equals = header.firstIndex(of: UInt8(ascii: "=")) ?? header.endIndex
        return normalised(header[..<equals]).map(\.lowercasedASCII) + normalised(header[equals...])
      }.sorted { $0.lexicographicallyPrecedes($1) }
    }
    return parts(left) == parts(right)
  }
}
