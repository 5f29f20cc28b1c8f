import SIPMessage

/// What an operator sets for the daemon as a whole: the tables `[daemon]` and `[log]`.
package struct DaemonSettings: Sendable, Equatable {
  package static let version = "0.1.0"

  package var stateDirectory = "/var/lib/sipregd"
  package var controlSocket = "/run/sipregd/control"
  /// 0: any; several shards take the ports that follow.
  package var localPort: UInt16 = 5060
  /// nil: no IPv4 at all; unspecified: every address.
  package var localAddressV4: IPAddress? = .v4(0)
  /// nil: no IPv6 at all; unspecified: every address.
  package var localAddressV6: IPAddress? = .v6(0, 0)
  package var shards = 1
  package var unregistersOnStop = false
  /// How long un-registering may hold up the stop.
  package var stopTimeout: Duration = .seconds(10)
  /// The value of User-Agent (RFC 3261 §20.41).
  package var userAgent = "sipregd/\(DaemonSettings.version)"
  /// To one destination, while many accounts start or come back; 0: no limit.
  package var registrationsPerSecond = 300
  /// How long a preferred proxy must have answered before accounts come back to it.
  package var failbackAfter: Duration = .seconds(120)
  package var connectTimeout: Duration = .seconds(10)
  /// A connection that carries nothing for so long is closed.
  package var idleTimeout: Duration = .seconds(300)
  /// Empty: those of the system.
  package var dnsServers: [Endpoint] = []
  /// Where the keys of TLS are written, for whoever has to look inside (SSLKEYLOGFILE); nil: nowhere.
  package var tlsKeyLogFile: String?
  package var log = LogSettings()

  package init() {}

  /// The service manager's directories (systemd.exec(5)) take the place of the built-in paths.
  package init(environment: [String: String]) {
    if let directory = Self.first(of: environment["STATE_DIRECTORY"]) { stateDirectory = directory }
    if let directory = Self.first(of: environment["RUNTIME_DIRECTORY"]) { controlSocket = directory + "/control" }
  }

  /// With several directories the variable holds them all, with colons between.
  private static func first(of paths: String?) -> String? {
    paths?.split(separator: ":").first.map(String.init)
  }

  /// The keys in which `other` differs, by whether a running daemon can follow.
  func differences(from other: DaemonSettings) -> (applied: [String], restart: [String]) {
    var applied: [String] = []
    var restart: [String] = []
    func compare(_ key: DaemonKey, _ isSame: Bool, into keys: inout [String]) {
      if !isSame { keys.append(key.rawValue) }
    }
    // Sockets, files and queues are made once, at the start.
    compare(.stateDirectory, stateDirectory == other.stateDirectory, into: &restart)
    compare(.controlSocket, controlSocket == other.controlSocket, into: &restart)
    compare(.localPort, localPort == other.localPort, into: &restart)
    compare(.localAddressV4, localAddressV4 == other.localAddressV4, into: &restart)
    compare(.localAddressV6, localAddressV6 == other.localAddressV6, into: &restart)
    compare(.shards, shards == other.shards, into: &restart)
    compare(.userAgent, userAgent == other.userAgent, into: &restart)
    compare(.registrationsPerSecond, registrationsPerSecond == other.registrationsPerSecond, into: &restart)
    compare(.failbackAfter, failbackAfter == other.failbackAfter, into: &restart)
    compare(.connectTimeout, connectTimeout == other.connectTimeout, into: &restart)
    compare(.idleTimeout, idleTimeout == other.idleTimeout, into: &restart)
    compare(.dnsServers, dnsServers == other.dnsServers, into: &restart)
    compare(.tlsKeyLogFile, tlsKeyLogFile == other.tlsKeyLogFile, into: &restart)
    if log.target != other.log.target { restart.append("log.target") }
    // Looked up when they are needed.
    compare(.unregisterOnStop, unregistersOnStop == other.unregistersOnStop, into: &applied)
    compare(.stopTimeout, stopTimeout == other.stopTimeout, into: &applied)
    if log.level != other.log.level { applied.append("log.level") }
    return (applied, restart)
  }
}

/// Which events are written, and where to.
package struct LogSettings: Sendable, Equatable {
  /// Least important first; the names of syslog(3).
  package enum Level: String, Sendable, CaseIterable { case debug, info, notice, warning, error }

  package enum Target: String, Sendable, CaseIterable {
    /// The journal when the service manager connected us to it, standard error otherwise.
    case auto
    case journal, stderr
  }

  package var level = Level.info
  package var target = Target.auto

  package init() {}
}
