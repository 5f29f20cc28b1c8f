extension IPAddress {
  /// Many hosts at once (RFC 1112 §4, RFC 4291 §2.7).
  package var isMulticast: Bool {
    switch self {
    case .v4(let value): value >> 28 == 0xE
    case .v6(let upper, _): upper >> 56 == 0xFF
    }
  }

  /// It may name one host, which a message can be sent to: neither none ("this network", RFC 1122 §3.2.1.3) nor many.
  package var isOneHost: Bool {
    switch self {
    case .v4(let value): value >> 24 != 0 && !isMulticast && value != UInt32.max
    case .v6: !isUnspecified && !isMulticast
    }
  }
}
