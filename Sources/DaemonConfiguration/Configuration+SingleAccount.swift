import SIPMessage
import SIPUserAgent

extension Configuration {
  /// The configuration of a command line with one account, in place of a file:
  /// `sipregd --server 192.168.1.10:5060 --username alice --password secret123`.
  ///
  /// - Parameters:
  ///   - server: the registrar: host, host:port, SIP URI, or a URL such as `tls://example.com`.
  ///   - passwordFile: whose first line is the password.
  ///   - domain: of the address of record; nil: the server's host.
  ///   - outboundProxy: host, host:port or SIP URI, one or a chain; `;lr` is added unless `strictRouting`.
  ///   - authorities: a PEM file with those that may vouch for the next hop.
  ///   - expires: seconds, or a time such as `10 min`.
  /// - Throws: everything that is wrong, in the words of the options.
  package static func singleAccount(
    server: String, username: String, password: String? = nil, passwordFile: String? = nil, domain: String? = nil,
    outboundProxy: [String] = [],
    strictRouting: Bool = false, expires: String? = nil, transport: String? = nil,
    authorities: String? = nil, localPort: UInt16? = nil,
    environment: [String: String] = [:]
  ) throws(ConfigurationErrors) -> Configuration {
    // An option is a value of JSON or TOML without a line: the same reader, so the same rules and the same words.
    let table = ConfigurationTable(line: 0, origin: .inline)
    func set(_ key: AccountKey, _ content: ConfigurationValue.Content) {
      table.append(key.rawValue, line: 0, value: ConfigurationValue(content: content, line: 0))
    }
    set(.registrar, .string(server))
    set(.username, .string(username))
    if let password { set(.password, .string(password)) }
    if let passwordFile { set(.passwordFile, .string(passwordFile)) }
    if let transport { set(.transport, .string(transport)) }
    if let authorities { set(.caFile, .string(authorities)) }
    if let expires { set(.expires, Int64(expires).map { .integer($0) } ?? .string(expires)) }
    if !outboundProxy.isEmpty {
      let chain = outboundProxy.map { ConfigurationValue(content: .string($0), line: 0) }
      set(.outboundProxy, strictRouting ? strict(chain) : .array(chain))
    }
    let host = domain ?? (try? URI.hop(server, for: .registrar))?.0.host?.description
    if let host {
      let user = username.prefix { $0 != "@" }
      set(.aor, .string("sip:\(URI.escapingUser(String(user)))@\(host)"))
    }

    let list = ErrorList()
    let profiles = ProfileRegister(after: [])
    var reader = AccountReader(secrets: SecretReader(credentialsDirectory: nil), profiles: profiles)
    let source = ConfigurationSource(name: "", directory: "", mode: nil)
    let account = reader.readAccount(table, of: source, list: list)?.account
    guard let account, list.errors.isEmpty else {
      var errors = ConfigurationErrors()
      for error in list.errors.errors { errors.append(ConfigurationError(file: "", message: option(error.message))) }
      throw errors
    }
    var settings = DaemonSettings(environment: environment)
    if let localPort { settings.localPort = localPort }
    var configuration = Configuration(daemon: settings, accounts: [account], profiles: profiles.profiles)
    for warning in list.warnings.errors {
      configuration.warnings.append(ConfigurationError(file: "", message: option(warning.message)))
    }
    return configuration
  }

  private static func strict(_ chain: [ConfigurationValue]) -> ConfigurationValue.Content {
    let proxy = ConfigurationTable(line: 0, origin: .inline)
    let routes = [ConfigurationValue(content: .array(chain), line: 0)]
    proxy.append(ProxyKey.routes.rawValue, line: 0, value: ConfigurationValue(content: .array(routes), line: 0))
    let flag = ConfigurationValue(content: .boolean(true), line: 0)
    proxy.append(ProxyKey.strictRouting.rawValue, line: 0, value: flag)
    return .table(proxy)
  }

  /// The option that stands for the key with which a message begins.
  private static func option(_ message: String) -> String {
    let key = message.prefix { $0 != " " }
    let options = ["registrar": "--server", "aor": "--domain", "outbound_proxy": "--outbound-proxy"]
    return (options[String(key)] ?? "--\(key.replacing("_", with: "-"))") + message.dropFirst(key.count)
  }
}
