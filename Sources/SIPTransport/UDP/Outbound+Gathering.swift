import SIPMessage

extension [Outbound] {
  /// Brings datagrams of one size to one target side by side, those of a target in the order of their sizes: neighbours
  /// leave as one, and a REGISTER with credentials and one without often take turns.
  ///
  /// For messages whose order among each other is all the same; what travels over streams keeps it.
  package mutating func gather() {
    guard count > 2 else { return }
    var keys: [UInt64] = []
    keys.reserveCapacity(count)
    var runs = 0
    var latest: UInt32?
    for (index, outbound) in enumerated() {
      let key = outbound.gatheringKey
      if key != latest { runs += 1 }
      latest = key
      keys.append(UInt64(key) << 32 | UInt64(index))
    }
    guard runs > 2 else { return }
    keys.sort()
    self = keys.map { self[Int(truncatingIfNeeded: $0 & 0xFFFF_FFFF)] }
  }
}

extension Outbound {
  /// Datagrams of one size to one target have the same, and hardly any others.
  fileprivate var gatheringKey: UInt32 {
    let target = destination.target
    guard target.transport == .udp else { return 0 }
    let address =
      switch target.endpoint.address {
      case .v4(let value): UInt64(value)
      case .v6(let upper, let lower): upper ^ lower
      }
    let mixed = (address ^ UInt64(target.endpoint.port) << 40) &* 0x9E37_79B9_7F4A_7C15
    return UInt32(truncatingIfNeeded: mixed >> 32) & 0xFFFF_0000 | UInt32(UInt16(clamping: bytes.count))
  }
}
