/// The sent-by of a Via that is written here (RFC 3261 §18.1.1).
package enum SentBy: Hashable, Sendable {
  case endpoint(Endpoint)
  /// A name that leads nowhere (RFC 2606 §2): whoever speaks over a WebSocket is reached over it, and at no address
  /// (RFC 7118 §5). It is the same for the same local end, and tells nobody which that is.
  case nowhere(UInt64)

  package init(_ local: Endpoint, over transport: TransportProtocol) {
    self = transport.isWebSocket ? .nowhere(local.digest) : .endpoint(local)
  }

  /// Whether the Via of a response has it. No port means the default one (§20.42), on either side.
  package func isThat(of via: Via, defaultPort: UInt16) -> Bool {
    switch self {
    case .endpoint(let local): via.host == .address(local.address) && via.port ?? defaultPort == local.port
    case .nowhere: via.host == host && via.port == nil
    }
  }

  /// As in the Contact of those who are reached at the same place.
  package var host: Host {
    switch self {
    case .endpoint(let local): .address(local.address)
    case .nowhere(let number): .nowhere(named: String(number, radix: 36))
    }
  }
}

extension Host {
  /// `NAME.invalid`
  package static func nowhere(named name: String) -> Host { .name("\(name).invalid") }
}

extension Endpoint {
  /// FNV-1a
  fileprivate var digest: UInt64 {
    description.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

extension [UInt8] {
  package mutating func append(_ sentBy: SentBy) {
    switch sentBy {
    case .endpoint(let local): append(local)
    case .nowhere: append(contentsOf: sentBy.host.description.utf8)
    }
  }
}
