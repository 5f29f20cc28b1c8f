/// What a message may measure. What is more is refused before it costs memory or time.
package struct Limits: Sendable {
  /// Bytes of a message. 65,535 is what fits a datagram, and what §18.1.1 asks every implementation to take.
  package var messageSize = 65_535
  /// Bytes from the start line to the empty line, for streams. A registrar may list Contacts by the hundred, and nothing
  /// but the size of a message limits them.
  package var headerSize = 65_535
  /// Header fields; those behind them are not read. Torture messages have up to 41, an IMS registration may have a
  /// hundred, and some registrars write one for each Contact: in 65,535 bytes there is no room for more of those.
  package var headerFields = 2_048
  /// Via values: Max-Forwards is 70 (§8.1.1.6), so no message has seen more hops.
  package var vias = 70

  package static let standard = Limits()

  package init() {}
}
