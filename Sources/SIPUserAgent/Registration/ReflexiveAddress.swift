import SIPMessage

/// How a peer says that it sees us (RFC 3581 `received` and `rport`), as far as a Contact can be made of it.
enum ReflexiveAddress {
  /// - Parameter local: the near end of the way that the request took
  /// - Returns: nil when the peer says nothing of it, or what nobody can be reached at. A port alone that is none is as if
  ///   it had not been said.
  static func read(_ via: Via, local: Endpoint) -> Endpoint? {
    let port = via.responsePort.port.flatMap { $0 == 0 ? nil : $0 } ?? local.port
    guard let received = via.received else {
      // Said, and not to be read.
      return via.parameters.contains("received") ? nil : Endpoint(address: local.address, port: port)
    }
    guard isReachable(received, from: local.address) else { return nil }
    return Endpoint(address: received, port: port)
  }

  /// Whether somebody beyond a NAT can be at this address: neither nobody's, nor everybody's, nor one that means another
  /// host wherever it is used, unless our own end is such a one.
  static func isReachable(_ address: IPAddress, from local: IPAddress) -> Bool {
    switch address.scope {
    case .global: true
    case .loopback, .link: address.scope == local.scope
    case .none: false
    }
  }
}

extension IPAddress {
  fileprivate enum Scope { case global, link, loopback, none }

  /// The registries of RFC 6890, as far as they say where an address leads.
  fileprivate var scope: Scope {
    switch self {
    case .v4(let value): Self.scope(v4: value)
    // ::ffff:0:0/96 (RFC 4291 §2.5.5.2)
    case .v6(0, let lower) where lower >> 32 == 0xFFFF: Self.scope(v4: UInt32(truncatingIfNeeded: lower))
    case .v6(0, 1): .loopback
    // :: and the rest of ::/96, ff00::/8
    case .v6(0, let lower) where lower >> 32 == 0: .none
    case .v6(let upper, _) where upper >> 56 == 0xFF: .none
    // fe80::/10
    case .v6(let upper, _) where upper >> 54 == 0x3FA: .link
    case .v6: .global
    }
  }

  private static func scope(v4 value: UInt32) -> Scope {
    switch value >> 24 {
    case 0, 224...255: .none
    case 127: .loopback
    case 169 where value >> 16 == 0xA9FE: .link
    case _: .global
    }
  }
}
