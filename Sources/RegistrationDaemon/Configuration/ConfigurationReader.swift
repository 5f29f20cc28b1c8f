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

  static func read(
    _ bytes: [UInt8], of source: ConfigurationSource, environment: [String: String]
  ) throws(ConfigurationErrors) -> Configuration {
    let root: ConfigurationTable
    do {
      root = try TOMLReader.read(bytes)
    } catch {
      throw ConfigurationErrors(Self.error(error, in: source.name))
    }
    let list = ErrorList()
    let section = Section<RootKey>(root, file: source.name, place: "", list: list)
    let secrets = SecretReader(credentialsDirectory: environment["CREDENTIALS_DIRECTORY"])
    let accountReader = AccountReader(proxies: proxies(section), secrets: secrets)
    var reader = ConfigurationReader(reader: accountReader, list: list)
    return try reader.read(section, of: source, DaemonSettings(environment: environment))
  }

  private init(reader: AccountReader, list: ErrorList) {
    self.reader = reader
    self.list = list
  }

  private mutating func read(
    _ section: Section<RootKey>, of source: ConfigurationSource, _ settings: DaemonSettings
  ) throws(ConfigurationErrors) -> Configuration {
    var settings = settings
    var accountFiles: [(path: String, line: Int)] = []
    if let table = section.table(.daemon) {
      let daemon = Section<DaemonKey>(table, file: source.name, place: "[daemon]", list: list)
      settings.read(daemon)
      let line = daemon[.accountsFile]?.line ?? daemon.line
      accountFiles = (daemon.strings(.accountsFile) ?? []).map { (source.path($0), line) }
    }
    if let table = section.table(.log) {
      settings.log.read(Section<LogKey>(table, file: source.name, place: "[log]", list: list))
    }
    if let table = section.table(.defaults) { reader.readDefaults(table, of: source, list: list) }
    files.append(source.name)
    for table in section.tables(.account) { readAccount(table, of: source) }
    list.errors.sortByLine()
    for (path, line) in accountFiles { readAccounts(path, namedBy: source, line: line) }
    if !list.errors.isEmpty { throw list.errors }
    return Configuration(daemon: settings, accounts: accounts)
  }

  /// `[proxy.NAME]`
  private static func proxies(_ section: Section<RootKey>) -> [String: [RouteSet]] {
    guard let table = section.table(.proxy) else { return [:] }
    var proxies: [String: [RouteSet]] = [:]
    for entry in table.entries {
      guard case .table(let inner) = entry.value.content else {
        section.report("proxy must hold tables: [proxy.\(printable(entry.key, limit: 40))]", line: entry.line)
        continue
      }
      let proxy = Section<ProxyKey>(
        inner, file: section.file, place: "[proxy.\(printable(entry.key, limit: 40))]", list: section.list)
      let routes = RouteReader.routes(proxy)
      // What is wrong was reported; that no route is left is no second error.
      proxies[entry.key] = routes.isEmpty ? [.direct] : routes
    }
    return proxies
  }

  // MARK: - Accounts

  private mutating func readAccount(_ table: ConfigurationTable, of source: ConfigurationSource) {
    guard let (account, isEnabled) = reader.readAccount(table, of: source, list: list) else { return }
    if let (file, line) = names[account.name] {
      list.errors.append(
        ConfigurationError(
          file: source.name, line: table.line, place: "account \"\(printable(account.name, limit: 60))\"",
          message: "the name is already taken (\(files[Int(file)]):\(line))"))
      return
    }
    names[account.name] = (Int32(files.count - 1), Int32(clamping: table.line))
    if isEnabled { accounts.append(account) }
  }

  /// A file of JSON Lines: one object a line; empty lines are passed over.
  private mutating func readAccounts(_ path: String, namedBy source: ConfigurationSource, line: Int) {
    do {
      let file = try SourceFile.open(path)
      let own = ConfigurationSource(name: path, directory: source.directory, mode: file.mode)
      files.append(path)
      var lines = LineStream(file)
      while let line = try lines.next() {
        guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { continue }
        do {
          readAccount(try Self.table(line, number: lines.number), of: own)
        } catch {
          list.errors.append(Self.error(error, in: path))
        }
      }
    } catch {
      list.errors.append(
        ConfigurationError(
          file: source.name, line: line, place: "[daemon]",
          message: "accounts_file: cannot read \(printable(path)): \(error.reason)"))
    }
  }

  private static func table(_ line: ArraySlice<UInt8>, number: Int) throws(ReadingFailure) -> ConfigurationTable {
    if line.count > LineStream.maximumLineLength {
      throw ReadingFailure(
        line: number, column: 1, message: "the line is longer than \(LineStream.maximumLineLength) bytes")
    }
    if let bad = invalidUTF8(line) { throw ReadingFailure(line: number, column: bad.column, message: "not UTF-8") }
    return try JSONReader.readObject(line, line: number)
  }

  private static func error(_ failure: ReadingFailure, in file: String) -> ConfigurationError {
    ConfigurationError(file: file, line: failure.line, message: "\(failure.message) (column \(failure.column))")
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
