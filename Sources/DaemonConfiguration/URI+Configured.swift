import SIPMessage

/// What is wrong with a value, to stand behind the name of its key.
struct Complaint: Error {
  let message: String
}

/// What a URI of the configuration is for; it decides what may be in it.
enum URIPurpose {
  case addressOfRecord, registrar, proxy

  var example: String {
    switch self {
    case .addressOfRecord: "a SIP URI such as \"sip:alice@example.com\""
    case .registrar: "a host, host:port or SIP URI such as \"sip:example.com\""
    case .proxy: "a host, host:port or SIP URI such as \"sip:edge.example.net;lr\""
    }
  }
}

extension URI {
  /// `sip:` may be left out, `<` and `>` may stand around it, a bare IPv6 address needs no brackets.
  init?(configured text: String) {
    if text.utf8.starts(with: "sip:".utf8), text.utf8.last != UInt8(ascii: ">") {
      try? self.init(text)
      return
    }
    var text = text[...]
    if text.hasPrefix("<"), text.hasSuffix(">") { text = text.dropFirst().dropLast() }
    let scheme = text.prefix { $0 != ":" }.lowercased()
    if scheme == "sip" || scheme == "sips" {
      try? self.init(String(text))
    } else if let address = IPAddress(String(text)), address.isV6 {
      try? self.init("sip:[\(text)]")
    } else {
      try? self.init("sip:\(text)")
    }
  }

  /// Reads a URI for its purpose and says what is wrong with it.
  static func configured(_ text: String, for purpose: URIPurpose) throws(Complaint) -> URI {
    // "//" is what other URIs have behind their scheme, and a user part may begin with it.
    guard let uri = URI(configured: text), uri.user?.starts(with: "//".utf8) != true,
      uri.password == nil || !beginsWithATransport(text)
    else {
      let hint = suggestion(for: text, purpose).map { "; did you mean \"\(printable($0))\"?" }
      throw Complaint(message: "must be \(purpose.example), not \"\(shown(text))\"\(hint ?? "")")
    }
    func refuse(_ reason: String) -> Complaint { Complaint(message: "\(reason): \"\(shown(text))\"") }
    if uri.password != nil { throw refuse("must not hold a password; it has a key of its own") }
    if uri.headers != nil { throw refuse("must not hold header fields after \"?\"") }
    if uri.port == 0 { throw refuse("must not have port 0") }
    // A number where a top-level domain belongs is a mistyped address (RFC 3261 §25.1, toplabel).
    if case .name(let name)? = uri.host, Self.endsInANumber(name) {
      throw refuse("has a host that is neither a name nor an address")
    }
    if uri.text.contains(UInt8(ascii: ",")), purpose != .addressOfRecord {
      throw refuse("must be one URI; several make an array [\"…\", \"…\"]")
    }
    if uri.parameters.contains("transport") {
      switch uri.transport {
      case .udp where uri.scheme == .sips: throw refuse("must not be sips and ask for udp: sips is TLS on every hop")
      case .udp, .tcp, .tls, .ws, .wss: break
      case nil: throw refuse("must not have another transport than udp, tcp, tls, ws or wss")
      }
    }
    switch purpose {
    case .addressOfRecord:
      if !uri.parameters.isEmpty { throw refuse("must not have parameters") }
      if uri.user == nil { throw refuse("must have a user part, as in sip:alice@example.com") }
    case .registrar:
      if uri.user != nil { throw refuse("must not have a user part (RFC 3261 §10.2)") }
    case .proxy: break
    }
    return uri
  }

  /// Reads what stands for a next hop: a URI, or what is written as `WebURL` is.
  static func hop(_ text: String, for purpose: URIPurpose) throws(Complaint) -> (URI, webSocketPath: String?) {
    guard let url = WebURL(text) else { return (try configured(text, for: purpose), nil) }
    return (try configured(url.hop, for: purpose), url.path)
  }

  private static func endsInANumber(_ host: String) -> Bool {
    var bytes = host.utf8[...]
    if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
    return bytes.reversed().prefix { $0 != UInt8(ascii: ".") }.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// With `;transport=…` unless it names one already, or says so much itself.
  func addingTransport(_ transport: TransportProtocol) -> URI {
    guard !parameters.contains("transport"), scheme != .sips || transport != .tls else { return self }
    return (try? URI("\(self);transport=\(transport.uriToken)")) ?? self
  }

  /// As a SIPS URI, which asks for TLS (RFC 3261 §26.2.2).
  var secured: URI {
    guard scheme == .sip else { return self }
    return (try? URI("sips:\(String(decoding: text.drop { $0 != UInt8(ascii: ":") }.dropFirst(), as: UTF8.self))"))
      ?? self
  }

  /// What an operator wrote, without a password that strayed into the user part.
  private static func shown(_ text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return printable(text) }
    let hasScheme = ["sip:", "sips:"].contains { text.lowercased().hasPrefix($0) }
    let user = hasScheme ? text[..<at].drop { $0 != ":" }.dropFirst() : text[..<at]
    guard let colon = user.firstIndex(of: ":") else { return printable(text) }
    return printable(text[..<colon] + ":…" + text[at...])
  }
}

extension Section {
  func uri(_ key: Key, for purpose: URIPurpose) -> URI? {
    guard let text = string(key, mustBe: purpose.example) else { return nil }
    do {
      return try URI.configured(text, for: purpose)
    } catch {
      report("\(key.rawValue) \(error.message)", line: self[key]?.line)
      return nil
    }
  }
}
