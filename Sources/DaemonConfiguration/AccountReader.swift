import SIPMessage
import SIPUserAgent

/// Reads the tables of accounts, `[defaults]` first.
struct AccountReader {
  var defaults = AccountDraft()
  let proxies: [String: [RouteSet]]
  /// In order, for hints.
  private let proxyNames: [String]
  private var secrets: SecretReader
  private var registrars = SharedValues<URI>()
  private var writtenRegistrars: [String: URI] = [:]
  private var routeLists = SharedValues<[RouteSet]>()
  /// Most accounts have the contact and the policy of the one before.
  private var last: Account?
  /// By how they are written: most accounts of a file name the same few proxies.
  private var writtenRoutes: [String: [RouteSet]] = [:]
  private var patterns = AccountPatterns()

  init(proxies: [String: [RouteSet]], secrets: SecretReader) {
    self.proxies = proxies
    proxyNames = proxies.keys.sorted()
    self.secrets = secrets
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
    var hasSecrets = false
    for key in section.keys {
      switch key {
      case .name: draft.name = section.name(key) ?? draft.name
      case .aor: draft.addressOfRecord = section.uri(key, for: .addressOfRecord)?.asked(section)
      case .from: draft.from = section.uri(key, for: .addressOfRecord)
      case .registrar: draft.registrar = registrar(section)
      case .enabled: draft.isEnabled = section.boolean(key) ?? draft.isEnabled
      case .username: draft.username = section.string(key)
      case .realm: draft.realm = section.string(key)
      case .password, .passwordFile, .credential, .ha1, .ha1SHA256, .ha1SHA512_256: hasSecrets = true
      case .credentials: draft.proof = .credentials(secrets.credentials(section, source))
      case .outboundProxy: draft.routes = routes(section)
      case .transport: draft.transport = section.word(key)
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
        .retryAfterMaximum, .refusedProbeInterval, .maximumRedirects, .allowForeignRedirects, .unregisterTimeout:
        draft.policy.read(key, of: section)
      }
    }
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

  private mutating func registrar(_ section: Section<AccountKey>) -> URI? {
    var written: String?
    if case .string(let text)? = section[.registrar]?.content { written = text }
    if let known = written.flatMap({ writtenRegistrars[$0] }) { return known }
    let uri = section.uri(.registrar, for: .registrar).map { registrars.shared($0) }
    if uri?.port == URI.portOfTLS {
      section.warn("registrar has port 5061, that of TLS, which is not spoken", line: section[.registrar]?.line)
    }
    if let written { writtenRegistrars[written] = uri }
    return uri
  }

  private mutating func routes(_ section: Section<AccountKey>) -> [RouteSet]? {
    let key = AccountKey.outboundProxy
    guard let value = section[key] else { return nil }
    if case .string(let text) = value.content, let known = proxies[text] ?? writtenRoutes[text] { return known }
    do {
      let routes = routeLists.shared(
        try RouteReader.outboundProxy(value, knownProxies: section.list.isFull ? [] : proxyNames))
      if case .string(let text) = value.content { writtenRoutes[text] = routes }
      return routes
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
    guard var registrar = draft.registrar ?? (try? URI.sip(host: host, port: addressOfRecord.port)),
      let credentials = credentials(draft, user: addressOfRecord.user, section)
    else { return nil }
    var routes = draft.routes ?? [.direct]
    if let transport = draft.transport?.value {
      if routes == [.direct] {
        registrar = registrar.addingTransport(transport)
      } else {
        routes = routes.map { $0.addingTransport(transport) }
      }
    }
    let account = Account(
      name: name, addressOfRecord: addressOfRecord, from: draft.from, registrar: registrars.shared(registrar),
      credentials: credentials, routes: routeLists.shared(routes), contact: draft.contact, expires: draft.expires,
      policy: draft.policy, similar: last)
    last = account
    return account
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

extension RouteSet {
  /// On the first proxy, which is the one that we reach ourselves.
  fileprivate func addingTransport(_ transport: TransportProtocol) -> RouteSet {
    guard let first = proxies.first else { return self }
    return RouteSet(proxies: [first.addingTransport(transport)] + proxies.dropFirst())
  }
}
