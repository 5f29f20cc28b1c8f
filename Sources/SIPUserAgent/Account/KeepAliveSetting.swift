/// Whether, and how often, something is sent to hold the flow of a binding open (RFC 5626 §4.4).
package enum KeepAliveSetting: Sendable, Hashable {
  /// Where it is seen to be needed, as often as the transport or the registrar's edge wants it.
  case automatic
  case off
  /// At the latest after so long.
  case every(Duration)
}
