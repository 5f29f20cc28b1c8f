/// The numbers of a registration's behaviour; accounts with the same numbers share them. Each is a configuration key.
package struct RegistrationPolicy: Sendable, Hashable {
  /// Refresh no earlier than this part of the granted expiry, in percent.
  package var refreshWindowStart: Int = 50
  /// … and no later than this part, in percent.
  package var refreshWindowEnd: Int = 90
  /// No two REGISTERs of an account closer than this, but for challenges and adjustments.
  package var minimumInterval: Duration = .seconds(5)
  /// A longer granted expiry is taken as this.
  package var maximumExpires: Duration = .seconds(7 * 86400)
  /// First step of the back-off (RFC 5626 §4.5).
  package var retryBase: Duration = .seconds(30)
  /// Where the back-off stops growing (RFC 5626 §4.5).
  package var retryMaximum: Duration = .seconds(1800)
  /// A Retry-After above this is taken as this.
  package var retryAfterMaximum: Duration = .seconds(1800)
  /// A refused account is tried again this often; nil: never, until an operator asks.
  package var refusedProbeInterval: Duration? = .seconds(1800)
  /// 3xx responses followed within one attempt.
  package var maximumRedirects: Int = 5
  /// 3xx to another domain than the registrar's are followed.
  package var allowsForeignRedirects = false
  /// How long an un-REGISTER may take with all its challenges.
  package var unregisterTimeout: Duration = .seconds(10)
  package var keepAlive = KeepAliveSetting.automatic
  /// Flows over which an account is registered at the same time, 1 to `OutboundFlow.maximumFlows`; several imply outbound.
  package var flows: Int = 1
  /// Outbound is offered over one flow, too (RFC 5626).
  package var offersOutbound = false

  /// Whether its registrations say which flow they are.
  package var namesFlows: Bool { flows > 1 || offersOutbound }

  package init() {}

  package static let standard = RegistrationPolicy()
}
