import SIPMessage

/// What is known of a name.
package struct Resolution: Hashable, Sendable {
  /// More are not tried: at 32 s for each that is silent (RFC 3261 §17.1.2.2), these take longer than the next proxy
  /// should have to wait.
  package static let maximumAddresses = 16
  /// Of an answer with more records than these the first by priority are kept.
  package static let maximumRecords = 256

  package enum Records: Hashable, Sendable {
    /// Best first (RFC 6724); `maximumAddresses` at most.
    case addresses([IPAddress])
    /// Of type SRV, in the order of their priorities.
    case services([ServiceRecord])
    /// Of type NAPTR, in their order and preference.
    case pointers([NamingPointer])

    package var isEmpty: Bool {
      switch self {
      case .addresses(let addresses): addresses.isEmpty
      case .services(let records): records.isEmpty
      case .pointers(let records): records.isEmpty
      }
    }
  }

  /// Never empty.
  package var records: Records
  /// How much longer the answer holds.
  package var expiry: Duration
  /// An old answer, because no new one is to be had (RFC 8767).
  package var isStale: Bool

  package init(_ records: Records, expiry: Duration, isStale: Bool = false) {
    self.records = records
    self.expiry = expiry
    self.isStale = isStale
  }

  package init(addresses: [IPAddress], expiry: Duration, isStale: Bool = false) {
    self.init(.addresses(addresses), expiry: expiry, isStale: isStale)
  }

  /// Empty where something else was asked for.
  package var addresses: [IPAddress] {
    switch records {
    case .addresses(let addresses): addresses
    case .services, .pointers: []
    }
  }
}
