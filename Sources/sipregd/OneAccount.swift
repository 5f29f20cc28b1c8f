import ArgumentParser
import DaemonConfiguration

/// `--server … --username …`: one account from the command line.
struct OneAccount: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The registrar: host, host:port, SIP URI, or a URL such as tls://example.com or wss://example.com/ws.",
      valueName: "host"))
  var server: String?

  @Option(help: ArgumentHelp("User part of the address of record, and user name.", valueName: "user"))
  var username: String?

  @Option(
    help: ArgumentHelp(
      "The password. Everybody on this machine can read it in the process list: prefer --password-file or "
        + "SIPREGD_PASSWORD in the environment.", valueName: "secret"))
  var password: String?

  @Option(help: ArgumentHelp("A file whose first line is the password.", valueName: "file"))
  var passwordFile: String?

  @Option(help: ArgumentHelp("Domain of the address of record, if it is not the server.", valueName: "domain"))
  var domain: String?

  @Option(
    name: .customLong("outbound-proxy"),
    help: ArgumentHelp(
      "An outbound proxy, as --server; several make a chain. `;lr` is added when missing.",
      valueName: "proxy"))
  var outboundProxies: [String] = []

  @Flag(help: "Route strictly, as RFC 2543 did: the first proxy becomes the Request-URI.")
  var strictRouting = false

  @Option(help: ArgumentHelp("How long a registration shall last: seconds, or 10min, 1h.", valueName: "time"))
  var expires: String?

  @Option(
    help: ArgumentHelp("udp, tcp, tls, ws or wss, to the outbound proxy or else the server.", valueName: "transport"))
  var transport: String?

  @Option(
    help: ArgumentHelp(
      "A PEM file with the authorities that may vouch for the other side, in place of the system's.", valueName: "file")
  )
  var caFile: String?

  @Option(help: ArgumentHelp("Local port; 0: any that is free.", valueName: "port"))
  var localPort: UInt16?

  @Option(help: ArgumentHelp("Where Call-ID and CSeq survive a restart.", valueName: "directory"))
  var stateDirectory: String?

  @Option(help: ArgumentHelp("The socket for sipregctl.", valueName: "path"))
  var controlSocket: String?

  /// An option that was given though there is no account to be made of it.
  var strayOption: String? {
    let given: [(Bool, String)] = [
      (username != nil, "--username"), (password != nil, "--password"), (passwordFile != nil, "--password-file"),
      (domain != nil, "--domain"), (!outboundProxies.isEmpty, "--outbound-proxy"), (strictRouting, "--strict-routing"),
      (expires != nil, "--expires"), (transport != nil, "--transport"), (caFile != nil, "--ca-file"),
      (localPort != nil, "--local-port"),
      (stateDirectory != nil, "--state-directory"), (controlSocket != nil, "--control-socket"),
    ]
    return given.first(where: \.0)?.1
  }

  func validateTogether() throws {
    guard username != nil else { throw ValidationError("--server needs --username.") }
    if password != nil, passwordFile != nil {
      throw ValidationError("Give --password or --password-file, not both.")
    }
  }

  func configuration(environment: [String: String]) throws(ConfigurationErrors) -> Configuration {
    // A variable that is there and empty was hardly set on purpose.
    let variable = environment["SIPREGD_PASSWORD"].flatMap { $0.isEmpty ? nil : $0 }
    let password = password ?? (passwordFile == nil ? variable : nil)
    guard password != nil || passwordFile != nil else {
      throw ConfigurationErrors(
        ConfigurationError(
          file: "command line",
          message: "no password: give --password-file, SIPREGD_PASSWORD, or --password (an empty one: --password '')"))
    }
    var configuration = try Configuration.singleAccount(
      server: server ?? "", username: username ?? "", password: password, passwordFile: passwordFile, domain: domain,
      outboundProxy: outboundProxies, strictRouting: strictRouting, expires: expires, transport: transport,
      authorities: caFile,
      localPort: localPort, environment: environment)
    if let stateDirectory { configuration.daemon.stateDirectory = stateDirectory }
    if let controlSocket { configuration.daemon.controlSocket = controlSocket }
    return configuration
  }
}
