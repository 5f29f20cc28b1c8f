import SIPUserAgent

/// Reads one configuration: the TOML file first, then the files of accounts it names, line by line. It goes on after
/// an error, so that one run shows them all, but for TOML that cannot be read any further.
struct ConfigurationReader {
  /// Bytes of a TOML file, which is read as a whole. More accounts than fit here belong into an `accounts_file`.
  static let longest = 64 << 20

  private let list: ErrorList
  private var reader: AccountReader
  private var accounts: [Account] = []
  /// Where each name was first used: the file's index and the line.
  private var names: [String: (file: Int32, line: Int32)] = [:]
  private var files: [String] = []
  private var former: FormerAccounts?
  private let profiles: ProfileRegister

  static func read(
    _ bytes: [UInt8], of source: ConfigurationSource, environment: [String: String], after former: Configuration? = nil
  ) throws(ConfigurationErrors) -> Configuration {
    let list = ErrorList()
    let root: ConfigurationTable
    do {
      root = try TOMLReader.read(bytes)
    } catch {
      list.report(source.door, of: source.name, mode: source.mode)
      list.errors.append(ConfigurationError(error, in: source.name))
      throw list.errors
    }
    let section = Section<RootKey>(root, file: source.name, place: "", list: list)
    let credentials = environment["CREDENTIALS_DIRECTORY"]
    var hops = RouteReader(terms: TermReader(credentialsDirectory: credentials))
    let proxies = proxies(section, of: source, &hops)
    let profiles = ProfileRegister(after: former?.profiles ?? [])
    let accountReader = AccountReader(
      proxies: proxies, secrets: SecretReader(credentialsDirectory: credentials), profiles: profiles)
    var reader = ConfigurationReader(reader: accountReader, list: list, profiles: profiles)
    reader.former = former.map { FormerAccounts($0.accounts) }
    return try reader.read(section, of: source, DaemonSettings(environment: environment))
  }

  private init(reader: AccountReader, list: ErrorList, profiles: ProfileRegister) {
    self.reader = reader
    self.list = list
    self.profiles = profiles
  }

  private mutating func read(
    _ section: Section<RootKey>, of source: ConfigurationSource, _ settings: DaemonSettings
  ) throws(ConfigurationErrors) -> Configuration {
    var settings = settings
    var accountFiles: [(path: String, line: Int)] = []
    if let table = section.table(.daemon) {
      let daemon = Section<DaemonKey>(table, file: source.name, place: "[daemon]", list: list)
      settings.read(daemon)
      reader.listensOn = (settings.localAddressV4, settings.localAddressV6)
      let line = daemon[.accountsFile]?.line ?? daemon.line
      accountFiles = (daemon.strings(.accountsFile) ?? []).map { (source.path($0), line) }
    }
    if settings.localPort != 0 {
      reader.daemonPorts = Int(settings.localPort)..<Int(settings.localPort) + settings.shards
    }
    if let table = section.table(.log) {
      settings.log.read(Section<LogKey>(table, file: source.name, place: "[log]", list: list))
    }
    if let table = section.table(.defaults) { reader.readDefaults(table, of: source, list: list) }
    files.append(source.name)
    for table in section.tables(.account) { readAccount(table, of: source) }
    list.report(source.door, of: source.name, mode: source.mode)
    list.errors.sortByLine()
    list.warnings.sortByLine()
    for (path, line) in accountFiles { readAccounts(path, namedBy: source, line: line) }
    if !list.errors.isEmpty { throw list.errors }
    var configuration = Configuration(daemon: settings, accounts: accounts, profiles: profiles.profiles)
    configuration.warnings = list.warnings
    return configuration
  }

  /// `[proxy.NAME]`
  private static func proxies(
    _ section: Section<RootKey>, of source: ConfigurationSource, _ hops: inout RouteReader
  ) -> [String: ProxyDraft] {
    guard let table = section.table(.proxy) else { return [:] }
    var proxies: [String: ProxyDraft] = [:]
    for entry in table.entries {
      guard case .table(let inner) = entry.value.content else {
        section.report("proxy must hold tables: [proxy.\(printable(entry.key, limit: 40))]", line: entry.line)
        continue
      }
      let proxy = Section<ProxyKey>(
        inner, file: section.file, place: "[proxy.\(printable(entry.key, limit: 40))]", list: section.list)
      var draft = hops.proxy(proxy, of: source)
      // What is wrong was reported; that no route is left is no second error.
      if draft.routes.isEmpty { draft.routes = [RouteDraft()] }
      proxies[entry.key] = draft
    }
    return proxies
  }

  // MARK: - Accounts

  private mutating func readAccount(_ table: ConfigurationTable, of source: ConfigurationSource) {
    guard let (account, isEnabled) = reader.readAccount(table, of: source, list: list) else { return }
    take(account, isEnabled: isEnabled, file: source.name, line: table.line)
  }

  /// Each flow is an account of its own.
  private mutating func take(_ account: Account, isEnabled: Bool, file: String, line: Int) {
    guard account.policy.namesFlows else {
      return takeFlow(account, isEnabled: isEnabled, file: file, line: line)
    }
    let flows = account.policy.flows
    if flows > account.routes.count {
      list.errors.append(
        ConfigurationError(
          file: file, line: line, place: "account \"\(printable(account.name, limit: 60))\"",
          message: "flows = \(flows) wants as many proxies to lead them over: outbound_proxy has "
            + "\(account.routes.count), see routes of [proxy.NAME]"))
    }
    for flow in account.perFlow(on: HostIdentity.identifier) {
      takeFlow(flow, isEnabled: isEnabled, file: file, line: line)
    }
  }

  private mutating func takeFlow(_ account: Account, isEnabled: Bool, file: String, line: Int) {
    let place = (Int32(files.count - 1), Int32(clamping: line))
    if let (first, firstLine) = names.updateValue(place, forKey: account.name) {
      names[account.name] = (first, firstLine)
      list.errors.append(
        ConfigurationError(
          file: file, line: line, place: "account \"\(printable(account.name, limit: 60))\"",
          message: "the name is already taken (\(files[Int(first)]):\(firstLine))"))
      return
    }
    if isEnabled { accounts.append(former?.same(as: account, at: accounts.count) ?? account) }
  }

  private mutating func readAccounts(_ path: String, namedBy source: ConfigurationSource, line: Int) {
    do {
      var file = try AccountFile(
        path, directory: source.directory, reader: reader, processors: former == nil ? nil : 1)
      files.append(path)
      var isFirst = true
      while case let parts = try file.next(), !parts.isEmpty {
        if isFirst { makeRoom(file.expected + parts.reduce(0) { $0 + $1.accounts.count }) }
        isFirst = false
        for part in parts { take(part, of: path) }
      }
      list.report(file.door, of: path, mode: file.mode)
    } catch {
      list.errors.append(
        ConfigurationError(
          file: source.name, line: line, place: "[daemon]",
          message: "accounts_file: cannot read \(printable(path)): \(error.reason)"))
    }
  }

  /// To grow step by step costs time, and twice the memory in the end.
  private mutating func makeRoom(_ more: Int) {
    names.reserveCapacity(names.count + more)
    accounts.reserveCapacity(accounts.count + more)
  }

  /// What is wrong with names is said between what else is wrong, in the order of the lines.
  private mutating func take(_ part: AccountFile.Part, of path: String) {
    var errors = part.errors.errors[...]
    for (account, isEnabled, line) in part.accounts {
      while let error = errors.first, (error.line ?? 0) < line {
        list.errors.append(error)
        errors.removeFirst()
      }
      take(account, isEnabled: isEnabled, file: path, line: line)
    }
    for error in errors { list.errors.append(error) }
    list.errors.count(more: part.errors.more)
    for warning in part.warnings.errors { list.warnings.append(warning) }
    list.warnings.count(more: part.warnings.more)
  }
}

extension ErrorList {
  /// Unless it has been said that the file is open to every user, which says as much.
  fileprivate func report(_ door: OpenDoor?, of file: String, mode: UInt32?) {
    guard let door else { return }
    let said = mode.map { SecretReader.openToOthers(file, mode: $0) }
    guard !errors.errors.contains(where: { $0.message == said }) else { return }
    errors.append(ConfigurationError(file: file, message: "\(door)"))
  }
}

extension Section {
  func table(_ key: Key) -> ConfigurationTable? {
    guard let value = self[key] else { return nil }
    if case .table(let table) = value.content { return table }
    report(key, mustBe: "a table: [\(key.rawValue)]", not: value)
    return nil
  }

  func tables(_ key: Key) -> [ConfigurationTable] {
    guard let value = self[key] else { return [] }
    let expected = "an array of tables: [[\(key.rawValue)]]"
    guard case .array(let elements) = value.content else {
      report(key, mustBe: expected, not: value)
      return []
    }
    return elements.compactMap { element in
      if case .table(let table) = element.content { return table }
      report(key, mustBe: expected, not: element)
      return nil
    }
  }
}
