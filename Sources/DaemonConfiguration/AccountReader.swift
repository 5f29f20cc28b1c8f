import SIPMessage
import SIPUserAgent

/// Reads the tables of accounts, `[defaults]` first.
struct AccountReader {
  var defaults = AccountDraft()
  /// What the daemon listens on; nil: without this family.
  var listensOn: (v4: IPAddress?, v6: IPAddress?) = (.v4(0), .v6(0, 0))
  /// Those of the daemon, one for each shard; empty: any that are free.
  var daemonPorts: Range<Int> = 0..<0
  let proxies: [String: ProxyDraft]
  /// In order, for hints.
  private let proxyNames: [String]
  private var secrets: SecretReader
  private var hops: RouteReader
  private let profiles: ProfileRegister
  private var registrars = SharedValues<URI>()
  private var writtenRegistrars: [String: (URI, webSocketPath: String?)] = [:]
  private var routeLists = SharedValues<[RouteSet]>()
  /// Most accounts have the contact and the policy of the one before.
  private var last: Account?
  /// By how they are written: most accounts of a file name the same few proxies.
  private var writtenProxies: [String: ProxyDraft] = [:]
  /// Next hops that seem to lack a word on their transport, and were asked about.
  private var askedAbout: Set<URI> = []
  private var patterns = AccountPatterns()

  init(
    proxies: [String: ProxyDraft] = [:], secrets: SecretReader, profiles: ProfileRegister = ProfileRegister(after: [])
  ) {
    self.proxies = proxies
    proxyNames = proxies.keys.sorted()
    self.secrets = secrets
    hops = RouteReader(terms: TermReader(credentialsDirectory: secrets.credentialsDirectory))
    self.profiles = profiles
  }

  mutating func readDefaults(_ table: ConfigurationTable, of source: ConfigurationSource, list: ErrorList) {
    let section = Section<AccountKey>(table, file: source.name, place: "[defaults]", list: list)
    for key in [AccountKey.name, .aor] where section[key] != nil {
      section.report("\(key.rawValue) belongs to an account, not to all of them", line: section[key]?.line)
    }
    defaults = draft(of: section, source)
  }

  /// One account of a line; nil when anything is wrong with it, which is reported.
  mutating func readAccount(
    _ line: ArraySlice<UInt8>, number: Int, of source: ConfigurationSource, list: ErrorList
  ) throws(ReadingFailure) -> (account: Account, isEnabled: Bool)? {
    if line.count > LineStream.maximumLineLength {
      throw ReadingFailure(
        line: number, column: 1, message: "the line is longer than \(LineStream.maximumLineLength) bytes")
    }
    if let known = patterns.account(of: line.span) { return known }
    if let bad = invalidUTF8(line) {
      throw ReadingFailure(line: number, column: bad.column, message: TextEncoding.isNotUTF8)
    }
    let errors = list.errors.count
    let table = try JSONReader.readObject(line, line: number)
    guard let (account, isEnabled) = readAccount(table, of: source, list: list) else { return nil }
    if list.errors.count == errors {
      patterns.learn(line, account, isEnabled: isEnabled, defaults: defaults)
    }
    return (account, isEnabled)
  }

  /// One account; nil when anything is wrong with it, which is reported.
  mutating func readAccount(
    _ table: ConfigurationTable, of source: ConfigurationSource, list: ErrorList
  ) -> (account: Account, isEnabled: Bool)? {
    var place = "account"
    if case .string(let name)? = table.entry(AccountKey.name.rawValue)?.value.content {
      place += " \"\(printable(name, limit: 60))\""
    }
    let errors = list.errors.count
    let section = Section<AccountKey>(table, file: source.name, place: place, list: list)
    let draft = draft(of: section, source)
    // What is wrong has been said; what seems to be missing now may be what is wrong.
    guard list.errors.count == errors, let account = account(draft, section) else { return nil }
    return (account, draft.isEnabled)
  }

  // MARK: - What is there

  private mutating func draft(of section: Section<AccountKey>, _ source: ConfigurationSource) -> AccountDraft {
    var draft = defaults
    draft.terms = ConnectionTerms()
    var (hasSecrets, hasTerms) = (false, false)
    for key in section.keys {
      switch key {
      case .name: draft.name = section.name(key) ?? draft.name
      case .aor: draft.addressOfRecord = section.uri(key, for: .addressOfRecord)?.asked(section)
      case .from: draft.from = section.uri(key, for: .addressOfRecord)
      case .registrar:
        let registrar = registrar(section)
        (draft.registrar, draft.webSocketPath) = (registrar?.0, registrar?.webSocketPath)
      case .enabled: draft.isEnabled = section.boolean(key) ?? draft.isEnabled
      case .username: draft.username = section.string(key)
      case .realm: draft.realm = section.string(key)
      case .password, .passwordFile, .credential, .ha1, .ha1SHA256, .ha1SHA512_256: hasSecrets = true
      case .credentials: draft.proof = .credentials(secrets.credentials(section, source))
      case .outboundProxy: draft.proxy = proxy(section, source)
      case .transport, .caFile, .certificateFile, .privateKeyFile, .certificateCredential, .privateKeyCredential,
        .webSocketPath, .localAddress, .localPort, .interface, .dscp, .keepAlive, .flows:
        hasTerms = true
      case .contactUser: draft.contact.user = section.string(key)
      case .contactHost: draft.contact.host = section.host(key)
      case .contactRewrite: draft.contact.followsNAT = section.boolean(key) ?? draft.contact.followsNAT
      case .contactMatch: draft.contact.matching = section.word(key, as: ContactMatching.self) ?? draft.contact.matching
      case .contactPort: draft.contact.port = section.integer(key, in: 1...UInt16.max)
      case .contactParameters: draft.contact.parameters = section.uriParameters(key) ?? draft.contact.parameters
      case .expires:
        let expires = section.duration(key, in: .seconds(1)...Duration.configurationLimit)
        draft.expires = expires.map { UInt32($0.wholeSeconds) } ?? draft.expires
      case .refreshWindowStart, .refreshWindowEnd, .minimumInterval, .maximumExpires, .retryBase, .retryMaximum,
        .retryAfterMaximum, .refusedProbeInterval, .maximumRedirects, .allowForeignRedirects, .unregisterTimeout,
        .offerOutbound:
        draft.policy.read(key, of: section)
      }
    }
    if hasTerms { draft.terms = hops.terms.terms(section, source) }
    if hasSecrets {
      if section[.credentials] != nil {
        section.report("credentials and a password of the account's own exclude each other")
      }
      draft.proof = .secrets(secrets.secrets(section, source))
    }
    draft.policy.check(section)
    draft.policy.check(section, expires: draft.expires)
    return draft
  }

  private mutating func registrar(_ section: Section<AccountKey>) -> (URI, webSocketPath: String?)? {
    guard let written = section.string(.registrar, mustBe: URIPurpose.registrar.example) else { return nil }
    if let known = writtenRegistrars[written] { return known }
    do {
      let (uri, path) = try URI.hop(written, for: .registrar)
      let registrar = (registrars.shared(uri), webSocketPath: path)
      writtenRegistrars[written] = registrar
      return registrar
    } catch {
      section.report("registrar \(error.message)", line: section[.registrar]?.line)
      return nil
    }
  }

  private mutating func proxy(_ section: Section<AccountKey>, _ source: ConfigurationSource) -> ProxyDraft? {
    let key = AccountKey.outboundProxy
    guard let value = section[key] else { return nil }
    if case .string(let text) = value.content, let known = proxies[text] ?? writtenProxies[text] { return known }
    do {
      let proxy = try hops.outboundProxy(value, of: source, knownProxies: section.list.isFull ? [] : proxyNames)
      if case .string(let text) = value.content { writtenProxies[text] = proxy }
      return proxy
    } catch {
      section.report("\(key.rawValue) \(error.message)", line: value.line)
      return nil
    }
  }

  // MARK: - What is missing

  private mutating func account(_ draft: AccountDraft, _ section: Section<AccountKey>) -> Account? {
    guard let addressOfRecord = draft.addressOfRecord, let host = addressOfRecord.host else {
      section.report("aor is missing: \(URIPurpose.addressOfRecord.example)")
      return nil
    }
    let name = draft.name ?? String(addressOfRecord.text.drop { $0 != UInt8(ascii: ":") }.dropFirst().text)
    guard let uri = draft.registrar ?? (try? URI.sip(host: host, port: addressOfRecord.port)),
      let credentials = credentials(draft, user: addressOfRecord.user, section)
    else { return nil }
    let isSecure = addressOfRecord.scheme == .sips || uri.scheme == .sips
    let terms = draft.terms.over(draft.proxy?.terms ?? ConnectionTerms()).over(defaults.terms)
    guard
      let (registrar, routes) = way(
        to: addressOfRecord.scheme == .sips ? uri.secured : uri, draft, terms, isSecure: isSecure, section)
    else { return nil }
    var policy = draft.policy
    terms.apply(to: &policy)
    let account = Account(
      name: name, addressOfRecord: addressOfRecord, from: draft.from, registrar: registrars.shared(registrar),
      credentials: credentials, routes: routeLists.shared(routes), contact: draft.contact, expires: draft.expires,
      policy: policy, similar: last)
    last = account
    return account
  }

  /// The registrar and the routes there, each with the transport that is asked for and the profile of its next hop.
  ///
  /// - Parameter isSecure: TLS on every hop that we choose (RFC 3261 §26.2.2)
  private mutating func way(
    to registrar: URI, _ draft: AccountDraft, _ terms: ConnectionTerms, isSecure: Bool, _ section: Section<AccountKey>
  ) -> (registrar: URI, routes: [RouteSet])? {
    guard check(terms.localAddresses, section), check(terms.localPort, section) else { return nil }
    var registrar = registrar
    var routes: [RouteSet] = []
    for route in draft.proxy?.routes ?? [RouteDraft()] {
      var proxies = isSecure ? route.proxies.map(\.secured) : route.proxies
      if let plain = proxies.first(where: { $0.scheme == .sips && $0.transport == .udp }) {
        section.report(
          "outbound_proxy must not ask for udp where a sips URI asks for TLS on every hop: \"\(printable("\(plain)"))\"",
          line: section[.outboundProxy]?.line)
        return nil
      }
      let hop = proxies.first ?? registrar
      if hop.scheme == .sips, terms.transport == .udp, !hop.parameters.contains("transport") {
        section.report(
          "transport must not be \"udp\": a sips URI asks for TLS on every hop", line: section[.transport]?.line)
        return nil
      }
      if let transport = terms.transport {
        if proxies.isEmpty {
          registrar = registrar.addingTransport(transport)
        } else {
          // The first is the one that we reach ourselves.
          proxies[0] = proxies[0].addingTransport(transport)
        }
      }
      ask(about: proxies.first ?? registrar, isProxy: !proxies.isEmpty, section)
      let path = proxies.isEmpty ? draft.webSocketPath : route.webSocketPath
      guard let profile = profiles.id(of: terms.profile(webSocketPath: path)) else {
        section.report("it is one more combination of terms than there are numbers: a restart makes room")
        return nil
      }
      routes.append(RouteSet(proxies: proxies, profile: profile))
    }
    return (registrar, routes)
  }

  /// What is answered to an address is heard only where somebody listens.
  private func check(_ addresses: ConnectionTerms.LocalAddresses?, _ section: Section<AccountKey>) -> Bool {
    for (own, bound, key) in [
      (addresses?.v4, listensOn.v4, DaemonKey.localAddressV4), (addresses?.v6, listensOn.v6, .localAddressV6),
    ] {
      guard let own, own != bound, bound?.isUnspecified != true else { continue }
      section.report(
        "local_address must be one that the daemon listens on, and \(own) is none: "
          + "\(key.rawValue) in [daemon] is \(bound.map { "\"\($0)\"" } ?? "\"off\""); leave that out",
        line: section[.localAddress]?.line)
      return false
    }
    return true
  }

  /// As the daemon's it is the first of as many as there are shards, which no two have in common.
  private func check(_ port: UInt16?, _ section: Section<AccountKey>) -> Bool {
    guard let port = port.map(Int.init), !daemonPorts.isEmpty, port != daemonPorts.lowerBound else { return true }
    let ports = port..<port + daemonPorts.count
    guard ports.overlaps(daemonPorts) || ports.upperBound > 1 << 16 else { return true }
    section.report(
      "local_port must leave room for \(daemonPorts.count) shards beside those of the daemon "
        + "(\(daemonPorts.lowerBound) to \(daemonPorts.upperBound - 1)), not be \(port)",
      line: section[.localPort]?.line)
    return false
  }

  /// By UDP to the port of TLS, or by TLS to that of UDP: once for each.
  private mutating func ask(about hop: URI, isProxy: Bool, _ section: Section<AccountKey>) {
    guard let port = hop.port, hop.scheme == .sip, !askedAbout.contains(hop) else { return }
    let key: AccountKey = isProxy ? .outboundProxy : .registrar
    let question: String
    switch (port, hop.transport) {
    case (URI.portOfTLS, nil): question = "has port 5061, that of TLS: add transport = \"tls\""
    case (TransportProtocol.udp.defaultPort, .tls):
      question = "has port 5060, that of UDP and TCP: TLS is at 5061 mostly"
    default: return
    }
    // Of an address of record that has a port it was asked where it stands.
    guard isProxy || section[.registrar] != nil || defaults.registrar != nil else { return }
    askedAbout.insert(hop)
    section.warn("\(key.rawValue) \(question)", line: section[key]?.line)
  }

  /// nil when a user name cannot be told.
  private mutating func credentials(
    _ draft: AccountDraft, user: Bytes?, _ section: Section<AccountKey>
  ) -> [Credential]? {
    let username = draft.username ?? user.map { String(decoding: URI.unescaping($0), as: UTF8.self) }
    guard let username else {
      section.report("username is missing")
      return nil
    }
    switch draft.proof {
    case nil: return []
    case .secrets(let list):
      return credentials(username, draft.realm, list, line: section.line, section)
    case .credentials(let drafts):
      var all: [Credential] = []
      for one in drafts {
        let realm = one.realm ?? draft.realm
        guard let some = credentials(one.username ?? username, realm, one.secrets, line: one.line, section) else {
          return nil
        }
        all += some
      }
      return all
    }
  }

  /// - Parameter realm: `*` is every realm, as for other programs, and so is an empty one, unless a hash was made for it.
  private mutating func credentials(
    _ username: String, _ realm: String?, _ list: [Credential.Secret], line: Int, _ section: Section<AccountKey>
  ) -> [Credential]? {
    let isEvery = realm == "*" || realm == "" && !list.contains(where: \.isHashed)
    let realm = isEvery ? nil : realm
    if realm == nil, list.contains(where: \.isHashed) {
      section.report("realm is missing: a hash (ha1…) was made for one realm and is good for that one only", line: line)
      return nil
    }
    return list.map { secrets.credential(username, realm, $0) }
  }
}
