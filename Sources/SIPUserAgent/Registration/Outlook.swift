import SIPMessage

/// What an account waits for.
package enum Outlook: Sendable, Equatable {
  /// Nothing comes of itself.
  case rest
  /// A REGISTER is under way, and what comes of it decides.
  case answer
  /// It acts by itself at the instant.
  case own(Instant)
  /// It waits for a next hop that the account of this name asks at present.
  case follows(String)
  /// It waits for a next hop that the account of this name asks at the instant.
  case asked(by: String, at: Instant)
  /// The next hop answers again, and those that waited follow one after the other.
  case inLine
}
