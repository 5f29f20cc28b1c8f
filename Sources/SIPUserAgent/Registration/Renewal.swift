import SIPMessage

/// A refresh that changed nothing but times and counts: all of the record that has to be stored then.
package struct Renewal: Sendable, Equatable {
  /// Of the record, as `RegistrationRecord.key`.
  package var key: UInt64
  package var registeredAt: Instant
  package var expiresAt: Instant
  /// The highest of all its nonces: a count that is left out harms nobody, one that is used twice is a replay.
  package var nonceCount: UInt32

  package init(key: UInt64, registeredAt: Instant, expiresAt: Instant, nonceCount: UInt32) {
    self.key = key
    self.registeredAt = registeredAt
    self.expiresAt = expiresAt
    self.nonceCount = nonceCount
  }
}
