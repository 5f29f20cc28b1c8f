import SIPMessage

/// The outbound proxies of a request outside a dialog, in the order it passes them (RFC 3261 §8.1.2, §12.2.1.1).
/// Empty: straight to where the Request-URI points.
///
/// The one place where a route set is applied: REGISTER, OPTIONS and later INVITE all ask here.
package struct RouteSet: Sendable, Hashable {
  /// As configured: each with `;lr`, but for a proxy that asked for strict routing.
  package let proxies: [URI]
  /// On which terms the next hop is spoken to.
  package let profile: ProfileID

  package static let direct = RouteSet(proxies: [])

  package init(proxies: [URI], profile: ProfileID = .standard) {
    self.proxies = proxies
    self.profile = profile
  }

  /// Where a request is sent and what stands in it.
  package struct Application: Sendable, Equatable {
    package var requestURI: URI
    /// The Route values, topmost first.
    package var routes: [URI]
  }

  /// The URI whose host, port and transport RFC 3263 looks up for a request for `target`.
  package func nextHop(toward target: URI) -> HopURI { HopURI(proxies.first ?? target, profile: profile) }

  /// Applies the set to a request for `target`.
  ///
  /// Loose: the Request-URI stays, every proxy stands in Route, the first is the next hop. Strict, which the first
  /// proxy alone decides: it becomes the Request-URI without what §19.1.1 forbids there, the rest stands in Route,
  /// the target last (§12.2.1.1).
  package func applied(to target: URI) -> Application {
    guard let first = proxies.first else { return Application(requestURI: target, routes: []) }
    if first.isLooseRouter { return Application(requestURI: target, routes: proxies) }
    return Application(
      requestURI: first.asRequestURI(), routes: Array(proxies.dropFirst()) + [target])
  }
}

extension RouteSet: CustomStringConvertible {
  /// `sip:a.example.net;lr > sip:b.example.net;lr`, or `direct`.
  package var description: String {
    proxies.isEmpty ? "direct" : proxies.map(\.description).joined(separator: " > ")
  }
}
