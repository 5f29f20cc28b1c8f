/// What keys are called in the files of other programs, and by people who know those: Kamailio's and OpenSIPS's uac tables,
/// Asterisk's chan_sip and pjsip, FreeSWITCH's gateways, baresip, linphone, pjsua, phones. It makes hints, and none of these
/// names is taken.
struct ForeignKeys<Key: ConfigurationKey>: Sendable {
  /// By name, in small letters without anything between the words.
  let meant: [String: [Key]]
  /// What has no key here, and what to do about it.
  let words: [String: String]

  /// - Parameters:
  ///   - meant: the keys, and what they are called elsewhere, with blanks between.
  ///   - words: what to say about names that have no key.
  init(_ meant: [(keys: [Key], names: String)], words: [(hint: String, names: String)] = []) {
    self.meant = Self.byName(meant.map { ($0.keys, $0.names) })
    self.words = Self.byName(words.map { ($0.hint, $0.names) })
  }

  private static func byName<Value>(_ list: [(Value, String)]) -> [String: Value] {
    Dictionary(
      uniqueKeysWithValues: list.flatMap { value, names in names.split(separator: " ").map { (String($0), value) } })
  }

  func hint(for name: String) -> String? {
    if let keys = meant[name] { return "did you mean \(alternatives(keys.map { "\"\($0.rawValue)\"" }))?" }
    return words[name]
  }
}

extension ConfigurationKey {
  /// The key of this name, however its words are joined: `auth_user`, `auth-user`, `AuthUser`.
  static func named(_ word: String) -> Self? { allCases.first { bare($0.rawValue) == word } }

  /// What to say about a key that is none of these; nil: nothing comes to mind.
  static func hint(for unknown: String) -> String? {
    guard unknown.utf8.count <= 64 else { return nil }
    let word = bare(unknown)
    if let key = named(word) { return "did you mean \"\(key.rawValue)\"?" }
    if let hint = foreign.hint(for: word) { return hint }
    if let place = ConfigurationTables.place(of: unknown) { return "it belongs into \(place)" }
    return nearest(to: unknown, among: allCases.lazy.map(\.rawValue)).map { "did you mean \"\($0)\"?" }
  }

  private static func bare(_ name: String) -> String {
    String(name.lowercased().filter { !"-_. ".contains($0) })
  }
}

/// Which tables know a key.
enum ConfigurationTables {
  static func place(of key: String) -> String? {
    if DaemonKey(rawValue: key) != nil { return "[daemon]" }
    if LogKey(rawValue: key) != nil { return "[log]" }
    if AccountKey(rawValue: key) != nil { return "[[account]] or [defaults]" }
    return ProxyKey(rawValue: key) != nil ? "[proxy.NAME]" : nil
  }
}

extension AccountKey {
  static let foreign = ForeignKeys<AccountKey>(
    [
      (
        [.username],
        "user userid login loginname authusername authuser authname authid authuserid authenticationid authenticationname "
          + "authenticationuser authenticationusername authorizationid authorizationname authorizationuser "
          + "authorizationusername defaultuser digestuser digestusername rusername sipuser sipusername uid"
      ),
      (
        [.password],
        "secret pass passwd pwd pw pin authpass authpassword authpasswd authsecret remotesecret sippassword sipsecret "
          + "userpassword userpass digestpassword passphrase"
      ),
      ([.passwordFile], "secretfile passfile passwdfile pwdfile passwordpath secretpath"),
      ([.ha1], "authha1 a1 a1hash md5cred md5secret passworddigest ha1password hash passwordhash digestha1"),
      ([.credentials], "auth auths authentication outboundauth credentiallist digestcredentials"),
      (
        [.aor],
        "addressofrecord uri sipuri identity sipidentity regidentity clienturi account accounturi address sipaddress "
          + "publicidentity impu localuri lusername number phone phonenumber extension msisdn did to"
      ),
      ([.aor, .name], "id"),
      ([.aor, .registrar], "domain domainname sipdomain ldomain userdomain"),
      (
        [.registrar],
        "server servers serveruri serveraddr serveraddress serverhost servername host hostname ip ipaddress peer provider "
          + "sipserver sipservers sipregistrar registraruri registrarurl registrarhost registrarserver registraraddress "
          + "registrarip registrarname registerserver registeruri regserver regproxy reguri rdomain requesturi target registryserver"
      ),
      ([.realm], "authrealm digestrealm authenticationrealm"),
      (
        [.outboundProxy],
        "proxy proxies outbound outbounds outboundproxies outboundproxyaddress outboundproxyserver outboundproxyuri obproxy "
          + "outboundserver proxyserver proxyaddress proxyaddr proxyhost proxyuri sipproxy sipoutboundproxy authproxy "
          + "registerproxy regroute route routes routeset nexthop gateway gw sbc edge via"
      ),
      (
        [.expires],
        "expire expiry expiration expireseconds expiresseconds expiretime expirytime registerexpires registerexpire "
          + "registerexpiration regexpires regexpire regexpiration regint reginterval registerinterval registrationexpires "
          + "registrationexpiry registrationexpiration registrationinterval regtimeout registrationtimeout registertimeout "
          + "ttl registerttl lifetime interval refresh refreshinterval defaultexpiry defaultexpires maxage"
      ),
      ([.transport], "proto protocol siptransport siptransports transporttype transportprotocol registertransport"),
      ([.caFile], Hints.authorities),
      ([.certificateFile], Hints.certificates),
      ([.privateKeyFile], Hints.privateKeys),
      ([.webSocketPath], "wspath path wsuri websocketuri wsurl websocketurl wsresource"),
      (
        [.localAddress],
        "localip localaddr bind bindaddr bindaddress bindip socket sendsocket forcedsocket listen listenaddress udpbindaddr "
          + "sourceip sourceaddress localhost outboundip"
      ),
      ([.localPort], "bindport sourceport listenport udpport udplocalport sourcesipport"),
      ([.interface], "device netdev dev sipinterface networkinterface nic vrf binddevice bindtodevice"),
      ([.dscp], "tos tossip cos cossip siptos sipdscp qos diffserv tosudp tostcp dscpsip sipqos"),
      (
        [.keepAlive],
        "keepaliveinterval natkeepalive natping ping pinginterval optionsping qualify qualifyfrequency optionsinterval "
          + "sipkeepalive udpkeepalive tcpkeepalive keepalivetime keepalivetimer keepaliveperiod keepalivedelay crlfkeepalive "
          + "natinterval natpinginterval udpnatkeepalive kainterval ka"
      ),
      ([.offerOutbound], "supportoutbound outboundsupport useoutbound sipoutbound rfc5626"),
      ([.flows], "outboundflows maxflows regids registrationflows outboundcount"),
      ([.from], "fromuri fromuser fromdomain thirdparty thirdpartyregistrant callerid"),
      ([.contactUser, .contactHost], "contact"),
      ([.contactUser], "contactname contactextension line contacturiuser"),
      (
        [.contactHost],
        "contactaddr contactaddress contactip contacturi bindinguri externip externalip externaddr externaladdress externhost "
          + "externalhost publicip publicaddress publichost natip nataddress advertisedaddress advertise mediaaddress "
          + "externalsignalingaddress"
      ),
      ([.contactPort], "externport externalport publicport externtcpport externalsignalingport"),
      ([.contactParameters], "contactparams contactparam contactparameter bindingparams contacturiparams uriparams"),
      (
        [.contactRewrite],
        "rewritecontact autoupdatenat contactupdate nat sipnat natmode autonat allowcontactrewrite contactrewriteuse "
          + "allownatrewrite stun usestun stunserver ice forcerport rport"
      ),
      ([.enabled], "enable active disabled disable register sendregister regsendregister doregister registration"),
      ([.name], "label alias title accountname accountid gatewayname uuid luuid displayname description"),
      (
        [.retryBase],
        "retry retryinterval retryseconds retrydelay retrytime retrytimer regdelay regretryinterval registerretry "
          + "registrationretry fbregint backoff retryafter failretry"
      ),
      ([.retryMaximum], "maxretryinterval maxretrydelay maxbackoff retrymax"),
      ([.refusedProbeInterval], "forbiddenretryinterval fatalretryinterval authrejectionpermanent"),
      ([.minimumInterval], "mininterval minregint minregisterinterval rwait"),
      ([.maximumExpires], "maxexpires maxexpiry maxexpiration"),
      ([.maximumRedirects], "maxredirects maxforwards redirects"),
      ([.unregisterTimeout], "unregtimeout unregistertime deregistertimeout"),
    ],
    words: [
      ("a port stands behind the host: registrar = \"sip:example.com:5060\"", "port serverport registrarport sipport"),
      (
        "it is tried for ever: see retry_maximum and refused_probe_interval",
        "retries maxretries maxretry retrycount attempts maxattempts registerattempts"
      ),
      (
        "write transport = \"tls\", or a sips: URI where every hop has to be secure",
        "tls usetls enabletls tlsenabled tlsonly ssl usessl sips usesips secure"
      ),
      (Hints.verification, Hints.ofVerification),
      (Hints.versions, Hints.ofVersions),
      (
        "certificates are always checked: name your own authority with ca_file; what it says about calls, leave out",
        "insecure"
      ),
      (
        "a key with a passphrase can not be read: store it without one, chmod 600",
        "privkeypassword keypassword tlspassword"
      ),
      (
        "it is about calls; leave it out",
        "codecs codec allow disallow dtmf dtmfmode context mailbox mwi voicemail endpoint type qualifyuser directmedia "
          + "canreinvite answermode mediaenc mediaencryption media srtp usesrtp rtp encryption dtlscertfile dtlscafile "
          + "dtlsverify regq pubint"
      ),
    ])
}

extension CredentialKey {
  static let foreign = ForeignKeys<CredentialKey>([
    (
      [.username],
      "user userid login authusername authuser authname authid authenticationid authorizationuser authorizationusername "
        + "digestusername defaultuser name"
    ),
    ([.password], "secret pass passwd pwd authpass authpassword authsecret"),
    ([.passwordFile], "secretfile passfile passwordpath"),
    ([.ha1], "authha1 a1 a1hash md5cred md5secret hash"),
    ([.realm], "authrealm domain digestrealm"),
  ])
}

extension ProxyKey {
  static let foreign = ForeignKeys<ProxyKey>(
    [
      (
        [.routes],
        "route routeset uri uris url host hosts server servers address addresses target targets proxy proxies destination "
          + "nexthop outboundproxy"
      ),
      ([.strictRouting], "strict strictroute strictrouter lr looserouting loose looseroute"),
      ([.transport], "protocol proto siptransport"), ([.caFile], Hints.authorities),
      ([.certificateFile], Hints.certificates), ([.privateKeyFile], Hints.privateKeys),
      ([.webSocketPath], "path wspath wsuri"), ([.localAddress], "bind bindaddr localip sourceip sourceaddress socket"),
      ([.localPort], "bindport sourceport"), ([.interface], "device dev netdev"), ([.dscp], "tos qos diffserv"),
      ([.keepAlive], "keepaliveinterval ping pinginterval natping optionsping qualify qualifyfrequency"),
    ],
    words: [
      ("write it into the URI: \"sip:edge.example.net:5070\"", "port"),
      ("write transport = \"tls\"", "tls usetls ssl secure"),
      (Hints.verification, Hints.ofVerification), (Hints.versions, Hints.ofVersions),
    ])
}

extension LogKey {
  static let foreign = ForeignKeys<LogKey>([
    ([.level], "loglevel verbosity verbose debug severity threshold priority"),
    ([.target], "output destination file logfile path facility syslog journal stderr to handler"),
  ])
}

extension DaemonKey {
  static let foreign = ForeignKeys<DaemonKey>(
    [
      ([.accountsFile], "accounts accountfile accountsfiles users usersfile userfile include registrations gateways"),
      (
        [.stateDirectory],
        "statedir state statepath datadir datadirectory database db dbpath dburl workdir spool cachedir"
      ),
      ([.controlSocket], "control controlpath socketpath unixsocket ctl ctlsocket"),
      ([.localPort], "port bindport listenport udpport sipport udplocalport sipportlocal"),
      (
        [.localAddressV4],
        "localaddress localip address bind bindaddr bindaddress udpbindaddr listen listenaddress sipip socket"
      ),
      ([.localAddressV6], "localaddress6 localipv6 bindaddress6 ipv6"),
      ([.shards], "threads workers children processes cores instances"),
      ([.unregisterOnStop], "unregisteronexit unregister deregister unregisteronshutdown"),
      ([.stopTimeout], "shutdowntimeout exittimeout gracetime"),
      ([.userAgent], "ua useragentheader useragentstring serverheader useragentname"),
      ([.registrationsPerSecond], "rate ratelimit cps regspersecond maxrate registrationrate registerrate"),
      ([.failbackAfter], "failback failbackdelay"),
      ([.connectTimeout], "tcpconnecttimeout tcptimeout"),
      ([.idleTimeout], "tcpidletimeout tcplifetime tcpconnectionlifetime"),
      ([.dnsServers], "dns dnsserver nameserver nameservers resolver resolvers"),
      ([.tlsKeyLogFile], "keylogfile sslkeylogfile sslkeylog keylog tlskeylog"),
    ],
    words: [
      (
        "TLS is set where the accounts are, in [[account]], [proxy.NAME] or [defaults]: transport, ca_file, certificate_file",
        "tls usetls enabletls ssl certificate cert certfile cafile privatekey privkeyfile calist calistfile "
          + "tlscertificate tlscafile tlsport"
      ),
      (Hints.verification, Hints.ofVerification), (Hints.versions, Hints.ofVersions),
      ("it belongs into [log]: level and target", "log logging loglevel logfile debug verbose syslog"),
      (
        "systemd does that: see systemd/sipregd.service",
        "user group pidfile daemonize fork background chroot rundir uid gid"
      ),
    ])
}

extension RootKey {
  static let foreign = ForeignKeys<RootKey>(
    [
      (
        [.account],
        "accounts registration registrations register registers gateway gateways user users trunk trunks peer peers uac uacreg "
          + "line lines extension extensions identity identities endpoint endpoints sip client clients registrant"
      ),
      (
        [.daemon],
        "general global globals settings server sipregd service core main config configuration system transport"
      ),
      ([.proxy], "proxies outboundproxy outboundproxies route routes nexthop sbc edge"),
      ([.log], "logging logger logs journal syslog"),
      ([.defaults], "default common template templates accountdefaults"),
    ],
    words: [
      (
        "TLS is set where the accounts are, in [[account]], [proxy.NAME] or [defaults]: transport, ca_file, certificate_file",
        "tls ssl certificates transporttls"
      )
    ])
}
