import SIPMessage
import SIPUserAgent
import Systemd

/// Reads the keys that say on which terms a next hop is spoken to, of an account or a proxy.
struct TermReader {
  /// Bytes of an interface's name (IFNAMSIZ, without its end).
  private static let longestInterface = 15
  /// A keep-alive more often than this is a burden, and seldomer than that is none.
  private static let keepAliveInterval = Duration.seconds(1)...Duration.seconds(86_400)

  /// Of the service manager, `$CREDENTIALS_DIRECTORY`; nil outside of a service.
  let credentialsDirectory: String?
  /// What is wrong with each file, nil for nothing: many accounts name the same.
  private var looked: [PEMFile: String?] = [:]

  /// A file and whether it holds a key.
  private struct PEMFile: Hashable {
    let path: String
    let isSecret: Bool
  }

  init(credentialsDirectory: String?) { self.credentialsDirectory = credentialsDirectory }

  mutating func terms<Key: TermHoldingKey>(
    _ section: Section<Key>, _ source: ConfigurationSource
  ) -> ConnectionTerms {
    var terms = ConnectionTerms()
    var hasIdentity = false
    for (kind, key) in Key.termKeys where section.keys.contains(key) {
      switch kind {
      case .transport: terms.transport = Self.transport(section, key)
      case .authorities: terms.authorities = file(section, key, source, isSecret: false)
      case .certificateFile, .privateKeyFile, .certificateCredential, .privateKeyCredential: hasIdentity = true
      case .webSocketPath: terms.webSocketPath = Self.webSocketPath(section, key)
      case .localAddress: terms.localAddresses = Self.localAddresses(section, key)
      case .localPort: terms.localPort = section.integer(key, in: 1...UInt16.max)
      case .interface: terms.interface = Self.interface(section, key)
      case .dscp: terms.dscp = Self.dscp(section, key)
      case .keepAlive: terms.keepAlive = Self.keepAlive(section, key)
      case .flows: terms.flows = section.integer(key, in: 1...Int(OutboundFlow.maximumFlows))
      }
    }
    if hasIdentity { terms.identity = identity(section, source) }
    return terms
  }

  // MARK: - Values

  /// However it is spelled.
  private static func transport<Key>(_ section: Section<Key>, _ key: Key) -> TransportProtocol? {
    guard let text = section.string(key) else { return nil }
    if let transport = TransportProtocol(Bytes(text)) { return transport }
    let known = alternatives(TransportProtocol.allCases.map { "\"\($0.uriToken)\"" })
    // pjsip's and Kamailio's words for it.
    let hint = ["sips", "ssl", "tlsv1", "sip+tls"].contains(text.lowercased()) ? "; did you mean \"tls\"?" : ""
    section.report(
      "\(key.rawValue) must be \(known), not \"\(printable(text, limit: 40))\"\(hint)", line: section[key]?.line)
    return nil
  }

  private static func webSocketPath<Key>(_ section: Section<Key>, _ key: Key) -> String? {
    guard let text = section.string(key) else { return nil }
    if WebURL.isPath(text) { return text }
    section.report(
      "\(key.rawValue) must be a path such as \"/ws\", not \"\(printable(text, limit: 60))\"", line: section[key]?.line)
    return nil
  }

  private static func localAddresses<Key>(_ section: Section<Key>, _ key: Key) -> ConnectionTerms.LocalAddresses? {
    let expected = "an address such as \"192.0.2.1\", or one of each family [\"192.0.2.1\", \"2001:db8::1\"]"
    guard let texts = section.strings(key) else { return nil }
    var addresses = ConnectionTerms.LocalAddresses()
    for text in texts {
      guard let address = IPAddress(text), address.isOneHost else {
        section.report(
          "\(key.rawValue) must be \(expected), not \"\(printable(text, limit: 60))\"", line: section[key]?.line)
        return nil
      }
      guard (address.isV6 ? addresses.v6 : addresses.v4) == nil else {
        section.report("\(key.rawValue) has two addresses of one family", line: section[key]?.line)
        return nil
      }
      if address.isV6 { addresses.v6 = address } else { addresses.v4 = address }
    }
    return addresses
  }

  /// Whether there is one of this name is seen when something is sent: it may come up later.
  private static func interface<Key>(_ section: Section<Key>, _ key: Key) -> String? {
    guard let text = section.string(key) else { return nil }
    let isName =
      (1...longestInterface).contains(text.utf8.count) && text != "." && text != ".." && IPAddress(text) == nil
      && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: " ") }
    if isName { return text }
    let hint = IPAddress(text) == nil ? "" : "; an address is local_address"
    section.report(
      "\(key.rawValue) must be the name of a network interface such as \"eth0\", not \"\(printable(text, limit: 60))\""
        + hint, line: section[key]?.line)
    return nil
  }

  private static func dscp<Key>(_ section: Section<Key>, _ key: Key) -> UInt8? {
    let expected = "0 to 63, or a name such as \"EF\", \"CS3\" or \"AF31\""
    guard let value = section[key] else { return nil }
    switch value.content {
    case .integer(let number):
      if let code = UInt8(exactly: number), code < 64 { return code }
      // As other programs want it: the whole octet of the IP header.
      let hint = (64..<256).contains(number) && number % 4 == 0 ? "; did you mean \(number / 4)?" : ""
      section.report("\(key.rawValue) must be \(expected), not \(number)\(hint)", line: value.line)
    case .string(let text):
      if let code = DifferentiatedServices.code(of: text) { return code }
      section.report("\(key.rawValue) must be \(expected), not \"\(printable(text, limit: 40))\"", line: value.line)
    case .float, .boolean, .date, .null, .array, .table: section.report(key, mustBe: expected, not: value)
    }
    return nil
  }

  private static func keepAlive<Key>(_ section: Section<Key>, _ key: Key) -> KeepAliveSetting? {
    switch section[key]?.content {
    case .string("auto")?, .boolean(true)?: return .automatic
    case .string("off")?, .boolean?, .integer(0)?: return .off
    case .string?, .integer?, .float?, .date?, .null?, .array?, .table?, nil:
      return section.duration(key, in: keepAliveInterval, or: "\"auto\", \"off\", ").map { .every($0) }
    }
  }

  // MARK: - Files

  private mutating func identity<Key: TermHoldingKey>(
    _ section: Section<Key>, _ source: ConfigurationSource
  ) -> ConnectionTerms.Identity? {
    let certificate = path(section, .certificateFile, .certificateCredential, source, isSecret: false)
    let privateKey = path(section, .privateKeyFile, .privateKeyCredential, source, isSecret: true)
    switch (certificate, privateKey) {
    case (.named(let certificate), .named(let privateKey)):
      return ConnectionTerms.Identity(certificate: certificate, privateKey: privateKey)
    case (.missing, .named):
      section.report("certificate_file is missing: the one that the private key belongs to")
    case (.named, .missing):
      section.report("private_key_file is missing: that of the certificate; it may be the same file")
    case (.wrong, _), (_, .wrong), (.missing, .missing): break
    }
    return nil
  }

  private enum Named {
    case missing, wrong
    case named(String)
  }

  /// That of a file, or else of what the service manager handed over.
  private mutating func path<Key: TermHoldingKey>(
    _ section: Section<Key>, _ file: TermKey, _ credential: TermKey, _ source: ConfigurationSource, isSecret: Bool
  ) -> Named {
    let fileKey = Key.termKeys.first { $0.kind == file && section.keys.contains($0.key) }?.key
    let credentialKey = Key.termKeys.first { $0.kind == credential && section.keys.contains($0.key) }?.key
    if let fileKey, let credentialKey {
      section.report(
        "\(fileKey.rawValue) and \(credentialKey.rawValue) exclude each other", line: section[credentialKey]?.line)
      return .wrong
    }
    if let fileKey { return self.file(section, fileKey, source, isSecret: isSecret).map { .named($0) } ?? .wrong }
    guard let credentialKey else { return .missing }
    return self.credential(section, credentialKey).map { .named($0) } ?? .wrong
  }

  /// The path of a file that can be read, and by others only if that does not matter.
  private mutating func file<Key>(
    _ section: Section<Key>, _ key: Key, _ source: ConfigurationSource, isSecret: Bool
  ) -> String? {
    guard let text = section.string(key) else { return nil }
    let file = PEMFile(path: source.path(text), isSecret: isSecret)
    if looked[file] == nil { looked[file] = .some(Self.complaint(about: file)) }
    guard let complaint = looked[file] ?? nil else { return file.path }
    section.report("\(key.rawValue): \(complaint)", line: section[key]?.line)
    return nil
  }

  /// What it says is for the transport layer to read: `TransportLayer.use` finds what is no PEM.
  private static func complaint(about file: PEMFile) -> String? {
    do {
      let opened = try SourceFile.open(file.path)
      if file.isSecret, opened.isOpenToOthers { return SecretReader.openToOthers(file.path, mode: opened.mode) }
      if let door = OpenDoor(file.path, opened) { return "\(door)" }
      return opened.size == 0 ? "\(printable(file.path)) is empty" : nil
    } catch {
      return "cannot read \(printable(file.path)): \(error.reason)"
    }
  }

  private func credential<Key>(_ section: Section<Key>, _ key: Key) -> String? {
    guard let name = section.string(key) else { return nil }
    let shown = printable(name, limit: 60)
    guard let credentialsDirectory else {
      section.report(SecretReader.noCredentials(key.rawValue, shown), line: section[key]?.line)
      return nil
    }
    do {
      _ = try Credentials(directory: credentialsDirectory).read(name)
      return "\(credentialsDirectory)/\(name)"
    } catch {
      section.report("\(key.rawValue) \"\(shown)\" \(error.words)", line: section[key]?.line)
      return nil
    }
  }
}
