import SIPMessage

extension DaemonSettings {
  /// Name servers that are asked one after the other; the system's own resolver has three (resolv.conf(5)).
  private static let mostServers = 16

  /// Takes what stands in `[daemon]`, but for `accounts_file`, which says where to read on and sets nothing.
  mutating func read(_ section: Section<DaemonKey>) {
    for key in section.keys {
      switch key {
      case .accountsFile: break
      case .stateDirectory: stateDirectory = section.absolutePath(key) ?? stateDirectory
      case .controlSocket: controlSocket = section.absolutePath(key) ?? controlSocket
      case .localPort: localPort = section.integer(key, in: 0...UInt16.max) ?? localPort
      case .localAddressV4: read(section, key, isV6: false, into: &localAddressV4)
      case .localAddressV6: read(section, key, isV6: true, into: &localAddressV6)
      case .shards: shards = section.integer(key, in: 1...64) ?? shards
      case .unregisterOnStop: unregistersOnStop = section.boolean(key) ?? unregistersOnStop
      case .stopTimeout: stopTimeout = section.duration(key, in: .zero...Duration.seconds(600)) ?? stopTimeout
      case .userAgent: userAgent = section.headerText(key) ?? userAgent
      case .failbackAfter:
        failbackAfter = section.duration(key, in: .zero...Duration.configurationLimit) ?? failbackAfter
      case .registrationsPerSecond:
        registrationsPerSecond = section.integer(key, in: 0...1_000_000) ?? registrationsPerSecond
      case .connectTimeout:
        connectTimeout = section.duration(key, in: .seconds(1)...Duration.seconds(600)) ?? connectTimeout
      case .idleTimeout:
        idleTimeout = section.duration(key, in: .seconds(1)...Duration.configurationLimit) ?? idleTimeout
      case .dnsServers: readServers(section)
      case .tlsKeyLogFile: readKeyLogFile(section)
      }
    }
    if localAddressV4 == nil, localAddressV6 == nil {
      section.report("local_address_v4 and local_address_v6 are both \"off\": one of them must stay")
    }
    if localPort != 0, Int(localPort) + shards - 1 > Int(UInt16.max) {
      section.report(
        "local_port (\(localPort)) leaves no ports for \(shards) shards: "
          + "with these it must be \(Int(UInt16.max) - shards + 1) at most, or 0",
        line: (section[.localPort] ?? section[.shards])?.line)
    }
  }

  private func read(_ section: Section<DaemonKey>, _ key: DaemonKey, isV6: Bool, into address: inout IPAddress?) {
    let expected = isV6 ? "an IPv6 address such as \"2001:db8::1\"" : "an IPv4 address such as \"192.0.2.1\""
    guard let text = section.string(key, mustBe: expected) else { return }
    if text == "off" {
      address = nil
    } else if let found = IPAddress(text), found.isV6 == isV6 {
      address = found
    } else {
      section.report(
        "\(key.rawValue) must be \(expected) or \"off\", not \"\(printable(text, limit: 60))\"",
        line: section[key]?.line)
    }
  }

  private mutating func readKeyLogFile(_ section: Section<DaemonKey>) {
    let key = DaemonKey.tlsKeyLogFile
    if section.string(key)?.isEmpty == true {
      tlsKeyLogFile = nil
    } else if let path = section.absolutePath(key) {
      tlsKeyLogFile = path
      section.warn("tls_key_log_file: whoever has that file can read what goes over TLS", line: section[key]?.line)
    }
  }

  private mutating func readServers(_ section: Section<DaemonKey>) {
    guard let texts = section.strings(.dnsServers) else { return }
    if texts.count > Self.mostServers {
      section.report(
        "dns_servers must be \(Self.mostServers) at most, not \(texts.count)", line: section[.dnsServers]?.line)
    }
    dnsServers = texts.compactMap { text in
      if let server = Endpoint(configured: text, defaultPort: 53) { return server }
      section.report(
        "dns_servers must be addresses such as \"192.0.2.53\" or \"[2001:db8::53]:5353\", "
          + "not \"\(printable(text, limit: 60))\"", line: section[.dnsServers]?.line)
      return nil
    }
  }
}

extension LogSettings {
  mutating func read(_ section: Section<LogKey>) {
    for key in section.keys {
      switch key {
      case .level: level = section.word(key) ?? level
      case .target: target = section.word(key) ?? target
      }
    }
  }
}

extension Endpoint {
  /// `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1` or `[2001:db8::1]:53`.
  init?(configured text: String, defaultPort: UInt16) {
    if let address = IPAddress(text) {
      self.init(address: address, port: defaultPort)
      return
    }
    guard let uri = URI(configured: text), uri.user == nil, uri.parameters.isEmpty, uri.headers == nil,
      case .address(let address)? = uri.host, uri.port != 0
    else { return nil }
    self.init(address: address, port: uri.port ?? defaultPort)
  }
}

extension Section {
  /// Paths of a daemon do not depend on where it was started.
  func absolutePath(_ key: Key) -> String? {
    guard let text = string(key) else { return nil }
    if text.hasPrefix("/") { return text }
    report("\(key.rawValue) must begin with \"/\", not be \"\(printable(text))\"", line: self[key]?.line)
    return nil
  }

  /// What may stand in a header field as it is: printable ASCII, and some of it.
  func headerText(_ key: Key) -> String? {
    guard let text = string(key) else { return nil }
    if !text.isEmpty, text.utf8.count <= 256, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    report("\(key.rawValue) must be 1 to 256 printable ASCII characters", line: self[key]?.line)
    return nil
  }
}
