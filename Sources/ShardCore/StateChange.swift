import SIPUserAgent

/// What is to be written.
package enum StateChange: Sendable {
  case records([KeptRecord])
  case forgotten(name: String)
  case renewals([Renewal])
  case ports([UInt16])

  /// One alone.
  package static func record(name: StateKey, _ record: RegistrationRecord) -> StateChange {
    .records([KeptRecord(key: name, record: record)])
  }
}

/// A record, and what it is kept under.
package struct KeptRecord: Sendable {
  package let key: StateKey
  package let record: RegistrationRecord

  package init(key: StateKey, record: RegistrationRecord) {
    self.key = key
    self.record = record
  }
}
