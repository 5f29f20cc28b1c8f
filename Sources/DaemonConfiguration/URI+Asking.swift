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
    let registrar = section[.registrar] == nil ? " and registrar = \"sip:\(host):\(port)\"" : ""
    let tls = port == Self.portOfTLS ? " (5061 is that of TLS, which is not spoken)" : ""
    section.warn(
      "aor has a port\(tls), and an address of record has none; did you mean "
        + "aor = \"\(printable("sip:\(user)\(host)"))\"\(registrar)?", line: section[.aor]?.line)
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
    for scheme in ["sip://", "sip:", "udp://", "tcp://", "http://", "https://", "udp:", "tcp:"]
    where rest.lowercased().hasPrefix(scheme) {
      rest = rest.dropFirst(scheme.count)
      break
    }
    var candidate = "sip:\(rest)"
    if let at = rest.lastIndex(of: "@") {
      let user = rest[..<at]
      guard !user.contains(where: { ": \"".contains($0) }) else { return nil }
      candidate = "sip:\(escapedWhereItMust(user))\(rest[at...])"
    }
    guard candidate != text, (try? URI.configured(candidate, for: purpose)) != nil else { return nil }
    return candidate
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
