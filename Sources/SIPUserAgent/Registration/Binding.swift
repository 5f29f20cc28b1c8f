import SIPMessage

/// A binding that the registrar granted (RFC 3261 §10.3).
package struct Binding: Sendable, Equatable {
  package var registeredAt: Instant
  package var expiresAt: Instant
  /// The URI of our Contact, as sent.
  package var contact: [UInt8]
  /// Where the REGISTER was sent, and the near end of the way there: when that changes, so does the Contact.
  package var way: Way
  /// For requests outside a dialog (RFC 3608), topmost first.
  package var serviceRoute: [URI]
  private var route: Int32

  /// Which of the account's routes holds it.
  package var routeIndex: Int {
    get { Int(route) }
    set { route = Int32(clamping: newValue) }
  }

  package init(
    registeredAt: Instant, expiresAt: Instant, contact: [UInt8], routeIndex: Int, way: Way,
    serviceRoute: [URI] = []
  ) {
    self.registeredAt = registeredAt
    self.expiresAt = expiresAt
    self.contact = contact
    route = Int32(clamping: routeIndex)
    self.way = way
    self.serviceRoute = serviceRoute
  }

  package init(
    registeredAt: Instant, expiresAt: Instant, contact: [UInt8], routeIndex: Int, target: Target, local: Endpoint,
    serviceRoute: [URI] = []
  ) {
    self.init(
      registeredAt: registeredAt, expiresAt: expiresAt, contact: contact, routeIndex: routeIndex,
      way: Way(target: target, local: local), serviceRoute: serviceRoute)
  }

  package enum Limits {
    /// Service-Routes of a registration. There is one as a rule, and hardly a network has more than three hops.
    package static let serviceRoutes = 16
    /// Bytes of all of them: they are kept for every account, and written with every record.
    package static let serviceRouteLength = 2048
  }

  /// The Service-Route of a 2xx (RFC 3608 §5).
  ///
  /// - Returns: none when it can not be read, or is longer than what is kept: a part of it would lead elsewhere.
  static func serviceRoute(of response: Message) -> (route: [URI], isLong: Bool) {
    guard response.contains(.serviceRoute) else { return ([], false) }
    let values = response.values(.serviceRoute)
    guard values.count <= Limits.serviceRoutes, values.reduce(0, { $0 + $1.count }) <= Limits.serviceRouteLength else {
      return ([], true)
    }
    return ((try? response.serviceRoutes())?.map(\.uri) ?? [], false)
  }

  /// This binding over the terms of its route. A record names no profile: the numbers are those of one process.
  func onTerms(of account: Account) -> Binding {
    guard account.routes.indices.contains(routeIndex) else { return self }
    var target = way.target
    target.profile = account.routes[routeIndex].profile
    guard target != way.target else { return self }
    var binding = self
    binding.way = Way(target: target, local: way.local)
    return binding
  }

  package var target: Target { way.target }
  package var local: Endpoint { way.local }

  /// What the registrar granted.
  package var granted: Duration { expiresAt - registeredAt }

  /// Whether the registrar granted the same again.
  func isSame(as other: Binding) -> Bool {
    contact == other.contact && routeIndex == other.routeIndex && way == other.way
      && serviceRoute == other.serviceRoute
  }

  /// Whether it can be made part of a request: it may come from a damaged file.
  var isUsable: Bool { routeIndex >= 0 && (try? URI(parsing: contact[...])) != nil }
}
