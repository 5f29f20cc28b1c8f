/// What a message may measure. What is more is refused before it costs memory or time.
package struct Limits: Sendable {
  /// Bytes of a message. 65,535 is what fits a datagram, and what §18.1.1 asks every implementation to take.
  package var messageSize = 65_535
  /// Bytes from the start line to the empty line, for streams: the longest torture message has 3,515.
  package var headerSize = 16_384
  /// Header fields. Torture messages have up to 41; an IMS registration may have a hundred.
  package var headerFields = 256
  /// Via values: Max-Forwards is 70 (§8.1.1.6), so no message has seen more hops.
  package var vias = 70

  package static let standard = Limits()

  package init() {}
}
