/// A filter made ready to look at many accounts.
package struct AccountMatcher: Sendable {
  private let states: [RegistrationState]?
  private let isBound: Bool?
  private let domain: String?
  private let glob: Glob?

  package init(_ filter: AccountFilter) {
    // However often one is named, it is looked for once.
    states = filter.states.map { wanted in RegistrationState.allCases.filter(Set(wanted).contains) }
    isBound = filter.bound
    domain = filter.domain?.lowercased()
    glob = filter.pattern.map(Glob.init)
  }

  /// Whether there is nothing to look for.
  package var matchesAll: Bool { states == nil && isBound == nil && domain == nil && glob == nil }

  /// - Parameter bound: nil: it does not matter
  package func matches(name: String, aor: String, state: RegistrationState, bound: Bool? = nil) -> Bool {
    if let states, !states.contains(state) { return false }
    if let isBound, let bound, bound != isBound { return false }
    if let domain, Self.domain(ofAOR: aor).lowercased() != domain { return false }
    if let glob { return glob.matches(name) || glob.matches(aor) }
    return true
  }

  /// `sip:alice@example.com:5061;transport=tcp` is in the domain `example.com`. The address of record comes from the
  /// daemon, which has parsed it; this only finds its host.
  static func domain(ofAOR aor: String) -> Substring {
    var rest = Substring(aor)
    if let at = rest.lastIndex(of: "@") {
      rest = rest[rest.index(after: at)...]
    } else if let colon = rest.firstIndex(of: ":") {
      rest = rest[rest.index(after: colon)...]
    }
    rest = rest.prefix { $0 != ";" && $0 != "?" && $0 != ">" }
    if rest.first == "[", let close = rest.firstIndex(of: "]") { return rest[...close] }
    return rest.prefix { $0 != ":" }
  }
}
