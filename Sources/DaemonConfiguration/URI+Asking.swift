import SIPMessage

/// What is no URI but nearly one, and what is one but hardly meant.
extension URI {
  /// Of SIP over TLS (RFC 3261 §18).
  static let portOfTLS: UInt16 = 5061

  /// An address of record with a port is no other program's, and looks like a registrar's (RFC 3261 §19.1.1: none in To
  /// and From); it is taken as it is, and asked about.
  func asked(_ section: Section<AccountKey>) -> URI {
    guard let port, let host else { return self }
    let user = user.map { "\($0.text)@" } ?? ""
    let isOfTLS = port == Self.portOfTLS
    let transport = isOfTLS && section[.transport] == nil && scheme == .sip ? ";transport=tls" : ""
    let name = scheme == .sips ? "sips" : "sip"
    let registrar = section[.registrar] == nil ? " and registrar = \"\(name):\(host):\(port)\(transport)\"" : ""
    let tls = isOfTLS ? " (5061 is that of TLS)" : ""
    section.warn(
      "aor has a port\(tls), and an address of record has none; did you mean "
        + "aor = \"\(printable("\(name):\(user)\(host)"))\"\(registrar)?", line: section[.aor]?.line)
    return self
  }

  /// A URI that the operator may have meant: without what stands around it, with `:` alone behind the scheme, with the
  /// user part escaped (§19.1.2). nil: nothing comes to mind, or it holds what looks like a password.
  static func suggestion(for text: String, _ purpose: URIPurpose) -> String? {
    guard text.utf8.count <= 256 else { return nil }
    var rest = text.drop { $0 == " " }
    if let open = rest.lastIndex(of: "<") {
      rest = rest[open...].dropFirst().prefix { $0 != ">" }
    }
    while rest.hasSuffix(" ") || rest.hasSuffix("/") { rest.removeLast() }
    var (scheme, parameter) = ("sip", "")
    for (prefix, meant, transport) in prefixes where rest.lowercased().hasPrefix(prefix) {
      rest = rest.dropFirst(prefix.count)
      scheme = meant
      if let transport, purpose != .addressOfRecord { parameter = ";transport=\(transport.uriToken)" }
      break
    }
    var candidate = "\(scheme):\(rest)\(parameter)"
    if let at = rest.lastIndex(of: "@") {
      let user = rest[..<at]
      guard !user.contains(where: { ": \"".contains($0) }) else { return nil }
      candidate = "\(scheme):\(escapedWhereItMust(user))\(rest[at...])\(parameter)"
    }
    guard candidate != text, (try? URI.configured(candidate, for: purpose)) != nil else { return nil }
    return candidate
  }

  /// It begins with a transport, as other programs write it, and would be read as a user and a password.
  static func beginsWithATransport(_ text: String) -> Bool {
    let text = text.lowercased()
    return prefixes.contains { $0.transport != nil && text.hasPrefix($0.text) }
  }

  /// What people write in front of a host, and what they mean by it.
  private static let prefixes: [(text: String, scheme: String, transport: TransportProtocol?)] =
    [
      ("sip://", "sip", nil), ("sips://", "sips", nil), ("sip:", "sip", nil), ("sips:", "sips", nil),
      ("http://", "sip", nil), ("https://", "sip", nil),
    ]
    + ["", "sip+", "sip-", "sips+"].flatMap { family in
      TransportProtocol.allCases.flatMap { transport in
        ["://", ":"].map { ("\(family)\(transport.uriToken)\($0)", "sip", transport) }
      }
    }

  /// What is escaped already stays so.
  private static func escapedWhereItMust(_ user: Substring) -> String {
    var escaped = ""
    var rest = user
    while let character = rest.first {
      let isEscape = rest.utf8.count > 2 && rest.utf8.dropFirst().prefix(2).allSatisfy(\.isHexDigit)
      escaped += character == "%" && isEscape ? "%" : escapingUser(String(character))
      rest = rest.dropFirst()
    }
    return escaped
  }
}
