import SIPMessage

/// Where the 3xx of one attempt sent us, and where else they may yet (RFC 3261 §8.1.3.4).
struct Detour: Sendable {
  /// Of 301 or 302: instead of the registrar.
  private(set) var uri: URI?
  /// Of 305: in place of the route.
  private(set) var proxy: URI?
  private var visited: [URI] = []
  /// Where else, for when that fails; the next one first.
  private var alternatives: [Redirection] = []

  var hasAlternative: Bool { !alternatives.isEmpty }

  /// - Parameter uris: what a 3xx names, best first
  mutating func redirect(to uris: [URI], status: Int) {
    alternatives =
      uris.map { Redirection(uri: $0, status: status, formerURI: uri, formerProxy: proxy) }
      + alternatives.prefix(Redirection.Limits.alternatives - min(uris.count, Redirection.Limits.alternatives))
  }

  /// The attempt goes on over a route of the account.
  mutating func takeRoute() { proxy = nil }

  /// - Returns: nil when there is nothing left, or nothing that is followed.
  mutating func turnsToAlternative(registrar: URI, policy: RegistrationPolicy) -> Redirection? {
    while !alternatives.isEmpty {
      let next = alternatives.removeFirst()
      guard mayFollow(next.uri, registrar: registrar, policy: policy) else { continue }
      visited.append(next.uri)
      // No header fields of theirs are taken (§19.1.5).
      let uri = next.uri.asRequestURI()
      (self.uri, proxy) =
        next.isProxy ? (next.formerURI, uri.addingLooseRouting()) : (uri.withoutUser(), next.formerProxy)
      return next
    }
    return nil
  }

  private func mayFollow(_ uri: URI, registrar: URI, policy: RegistrationPolicy) -> Bool {
    // From sips there is no way back to sip (§19.1, §26.2.2).
    (uri.scheme == .sips || (uri.scheme == .sip && registrar.scheme != .sips))
      && visited.count < policy.maximumRedirects && !visited.contains(uri)
      && (policy.allowsForeignRedirects || Self.isSameDomain(uri, registrar))
  }

  /// The registrar's own host or one below its domain.
  private static func isSameDomain(_ uri: URI, _ registrar: URI) -> Bool {
    switch (uri.host, registrar.host) {
    case (.name(let host)?, .name(let domain)?): host == domain || host.hasSuffix("." + domain)
    case (let host, let domain): host == domain
    }
  }
}

extension OptionalBox<Detour> {
  /// Of 301 or 302.
  var uri: URI? { isEmpty ? nil : value?.uri }
  /// Of 305.
  var proxy: URI? { isEmpty ? nil : value?.proxy }
}

extension URI {
  /// The Request-URI of a REGISTER has no user (§10.2), and a registrar may redirect to a Contact that has.
  fileprivate func withoutUser() -> URI {
    guard user != nil, let host else { return self }
    let name = scheme == .sips ? "sips" : "sip"
    return (try? URI("\(name):\(host)\(port.map { ":\($0)" } ?? "")\(parameters.text.text)")) ?? self
  }
}
