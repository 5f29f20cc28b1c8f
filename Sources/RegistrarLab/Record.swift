import SIPMessage

/// What is known about an address-of-record: its bindings, and what was last seen of it, which outlives them.
struct Record: Sendable {
  var bindings = Bindings()
  /// The hash of the last request that was accepted; its answer is given again.
  var lastRequest: UInt64?
  var lastCSeq: UInt32 = 0
  var lastCallID: CallIDHash?
  /// Of the user that has the name of the address-of-record; nil: not calculated yet.
  var secret: DigestCalculation.Secret?

  /// Takes away what has expired; says how many bindings that were.
  mutating func expire(at now: Instant) -> UInt64 {
    let gone = bindings.indices.filter { bindings[$0].expires <= now }
    if !gone.isEmpty { bindings.remove(Set(gone)) }
    return UInt64(gone.count)
  }
}

/// A Call-ID that is only told from others: of 2^64 two different ones may be taken for the same.
struct CallIDHash: Equatable, Sendable {
  private let value: UInt64

  init(_ callID: Bytes) {
    var hash = TextHash()
    hash.add(callID.span)
    value = hash.value
  }
}
