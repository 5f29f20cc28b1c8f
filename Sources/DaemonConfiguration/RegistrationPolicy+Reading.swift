import SIPUserAgent

extension RegistrationPolicy {
  /// Takes one of the keys that are numbers of a registration's behaviour; any other key is not for it.
  mutating func read(_ key: AccountKey, of section: Section<AccountKey>) {
    func duration(from least: Duration) -> Duration? { section.duration(key, in: least...Duration.configurationLimit) }
    switch key {
    case .refreshWindowStart: refreshWindowStart = section.integer(key, in: 1...100) ?? refreshWindowStart
    case .refreshWindowEnd: refreshWindowEnd = section.integer(key, in: 1...100) ?? refreshWindowEnd
    case .minimumInterval: minimumInterval = duration(from: .zero) ?? minimumInterval
    case .maximumExpires: maximumExpires = duration(from: .seconds(1)) ?? maximumExpires
    case .retryBase: retryBase = duration(from: .seconds(1)) ?? retryBase
    case .retryMaximum: retryMaximum = duration(from: .seconds(1)) ?? retryMaximum
    case .retryAfterMaximum: retryAfterMaximum = duration(from: .zero) ?? retryAfterMaximum
    case .refusedProbeInterval:
      if case .string("never")? = section[key]?.content {
        refusedProbeInterval = nil
      } else if let interval = section.duration(
        key, in: .seconds(1)...Duration.configurationLimit, or: "\"never\", ")
      {
        refusedProbeInterval = interval
      }
    case .maximumRedirects: maximumRedirects = section.integer(key, in: 0...70) ?? maximumRedirects
    case .allowForeignRedirects: allowsForeignRedirects = section.boolean(key) ?? allowsForeignRedirects
    case .unregisterTimeout: unregisterTimeout = duration(from: .seconds(1)) ?? unregisterTimeout
    case .offerOutbound: offersOutbound = section.boolean(key) ?? offersOutbound
    case .name, .aor, .from, .registrar, .enabled, .username, .realm, .password, .passwordFile, .credential, .ha1,
      .ha1SHA256, .ha1SHA512_256, .credentials, .outboundProxy, .transport, .caFile, .certificateFile, .privateKeyFile,
      .certificateCredential, .privateKeyCredential, .webSocketPath, .localAddress, .localPort, .interface, .dscp,
      .keepAlive,
      .flows,
      .contactUser, .contactHost, .contactPort, .contactRewrite, .contactParameters, .contactMatch, .expires:
      preconditionFailure("\(key.rawValue) is no key of the policy")
    }
  }

  /// The numbers that must fit each other.
  func check(_ section: Section<AccountKey>) {
    if refreshWindowStart > refreshWindowEnd {
      section.report(
        "refresh_window_start (\(refreshWindowStart)) is after refresh_window_end (\(refreshWindowEnd))",
        line: (section[.refreshWindowStart] ?? section[.refreshWindowEnd])?.line)
    }
    if retryBase > retryMaximum {
      section.report(
        "retry_base (\(retryBase.configured)) is above retry_maximum (\(retryMaximum.configured))",
        line: (section[.retryBase] ?? section[.retryMaximum])?.line)
    }
  }

  /// What can be kept, and binds an account at times only. Said where one of the two stands.
  func check(_ section: Section<AccountKey>, expires: UInt32) {
    guard let place = section[.minimumInterval] ?? section[.expires] else { return }
    let expires = min(.seconds(Int64(expires)), maximumExpires)
    guard minimumInterval >= expires else { return }
    section.warn(
      "minimum_interval (\(minimumInterval.configured)) leaves no room for a refresh before expires "
        + "(\(expires.configured)): every binding lapses", line: place.line)
  }
}
