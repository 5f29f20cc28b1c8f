/// What is wrong with an element of the lab at the moment. Everything off is an honest element.
package struct Faults: Sendable, Equatable {
  /// Of 100 datagrams in each direction, this many are lost. Streams lose nothing.
  package var lossPercent: UInt8 = 0
  /// Every message leaves this much later.
  package var delay: Duration = .zero
  /// Nothing is heard and nothing is said.
  package var isSilent = false
  /// Everything is answered with 503.
  package var isUnavailable = false
  /// Retry-After of the 503, in seconds; nil: none.
  package var retryAfter: UInt32?
  /// REGISTER below this many seconds is answered with 423; nil: the registrar's own limit holds.
  package var minimumExpires: UInt32?
  /// A wrong password is answered with 403 and not with a new challenge.
  package var forbidsWrongPassword = false

  package static let none = Faults()

  package init() {}
}
