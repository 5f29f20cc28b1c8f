// Every key that a configuration may hold, by table. `config/sipregd.toml` explains them; a test holds the two together.
// What others call them stands in `ForeignKeys`.

enum RootKey: String, ConfigurationKey {
  case daemon, log, defaults, proxy, account
}

/// `[daemon]`
enum DaemonKey: String, ConfigurationKey {
  case accountsFile = "accounts_file"
  case stateDirectory = "state_directory"
  case controlSocket = "control_socket"
  case localPort = "local_port"
  case localAddressV4 = "local_address_v4"
  case localAddressV6 = "local_address_v6"
  case shards
  case unregisterOnStop = "unregister_on_stop"
  case stopTimeout = "stop_timeout"
  case userAgent = "user_agent"
  case registrationsPerSecond = "registrations_per_second"
  case failbackAfter = "failback_after"
  case connectTimeout = "connect_timeout"
  case idleTimeout = "idle_timeout"
  case dnsServers = "dns_servers"
  case tlsKeyLogFile = "tls_key_log_file"
}

/// `[log]`
enum LogKey: String, ConfigurationKey {
  case level, target
}

/// `[proxy.NAME]`, and an outbound proxy written as `{ … }`.
enum ProxyKey: String, ConfigurationKey {
  case routes
  case strictRouting = "strict_routing"
  case transport
  case caFile = "ca_file"
  case certificateFile = "certificate_file"
  case privateKeyFile = "private_key_file"
  case certificateCredential = "certificate_credential"
  case privateKeyCredential = "private_key_credential"
  case webSocketPath = "websocket_path"
  case localAddress = "local_address"
  case localPort = "local_port"
  case interface
  case dscp
  case keepAlive = "keepalive"
  case flows
}

/// `[[account]]`, `[defaults]` and the objects of an accounts file.
enum AccountKey: String, ConfigurationKey {
  case name, aor, from, registrar, enabled
  case username, realm
  case password
  case passwordFile = "password_file"
  case credential
  case ha1
  case ha1SHA256 = "ha1_sha256"
  case ha1SHA512_256 = "ha1_sha512_256"
  case credentials
  case outboundProxy = "outbound_proxy"
  case transport
  case caFile = "ca_file"
  case certificateFile = "certificate_file"
  case privateKeyFile = "private_key_file"
  case certificateCredential = "certificate_credential"
  case privateKeyCredential = "private_key_credential"
  case webSocketPath = "websocket_path"
  case localAddress = "local_address"
  case localPort = "local_port"
  case interface
  case dscp
  case keepAlive = "keepalive"
  case flows
  case contactUser = "contact_user"
  case contactHost = "contact_host"
  case contactPort = "contact_port"
  case contactRewrite = "contact_rewrite"
  case contactParameters = "contact_parameters"
  case contactMatch = "contact_match"
  case expires
  case refreshWindowStart = "refresh_window_start"
  case refreshWindowEnd = "refresh_window_end"
  case minimumInterval = "minimum_interval"
  case maximumExpires = "maximum_expires"
  case retryBase = "retry_base"
  case retryMaximum = "retry_maximum"
  case retryAfterMaximum = "retry_after_maximum"
  case refusedProbeInterval = "refused_probe_interval"
  case maximumRedirects = "maximum_redirects"
  case allowForeignRedirects = "allow_foreign_redirects"
  case unregisterTimeout = "unregister_timeout"
  case offerOutbound = "offer_outbound"
}

/// An element of `credentials`.
enum CredentialKey: String, ConfigurationKey {
  case username, realm
  case password
  case passwordFile = "password_file"
  case credential
  case ha1
  case ha1SHA256 = "ha1_sha256"
  case ha1SHA512_256 = "ha1_sha512_256"
}

/// A key of a table that may hold secrets.
protocol SecretHoldingKey: ConfigurationKey {
  /// Which of its keys are those of secrets.
  static var secretKeys: [(kind: SecretKey, key: Self)] { get }
}

extension AccountKey: SecretHoldingKey {
  static let secretKeys = pairs(with: SecretKey.self)
}

extension CredentialKey: SecretHoldingKey {
  static let secretKeys = pairs(with: SecretKey.self)
}

extension ConfigurationKey {
  /// Its keys that bear the words of keys which several tables share.
  fileprivate static func pairs<Kind: RawRepresentable<String> & CaseIterable>(
    with kinds: Kind.Type
  ) -> [(kind: Kind, key: Self)] {
    kinds.allCases.compactMap { kind in Self(rawValue: kind.rawValue).map { (kind, $0) } }
  }
}

/// Where a secret may come from; the same words in `AccountKey` and `CredentialKey`.
enum SecretKey: String, CaseIterable {
  case password
  case passwordFile = "password_file"
  case credential
  case ha1
  case ha1SHA256 = "ha1_sha256"
  case ha1SHA512_256 = "ha1_sha512_256"

  /// Several hashes of one password go together; everything else stands alone.
  var isHash: Bool {
    switch self {
    case .password, .passwordFile, .credential: false
    case .ha1, .ha1SHA256, .ha1SHA512_256: true
    }
  }
}

/// On which terms a next hop is spoken to; the same words in `AccountKey` and `ProxyKey`.
enum TermKey: String, CaseIterable {
  case transport
  case authorities = "ca_file"
  case certificateFile = "certificate_file"
  case privateKeyFile = "private_key_file"
  case certificateCredential = "certificate_credential"
  case privateKeyCredential = "private_key_credential"
  case webSocketPath = "websocket_path"
  case localAddress = "local_address"
  case localPort = "local_port"
  case interface
  case dscp
  case keepAlive = "keepalive"
  case flows
}

/// A key of a table that may hold such terms.
protocol TermHoldingKey: ConfigurationKey {
  /// Which of its keys are those of terms: all there are.
  static var termKeys: [(kind: TermKey, key: Self)] { get }
}

extension AccountKey: TermHoldingKey {
  static let termKeys = pairs(with: TermKey.self)
}

extension ProxyKey: TermHoldingKey {
  static let termKeys = pairs(with: TermKey.self)
}
