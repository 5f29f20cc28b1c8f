import SIPMessage

/// An address at which the registrar answers, or does not: a proxy in front of it, or one of its own.
struct Site {
  enum Health: Equatable {
    case up
    /// Takes everything, answers nothing.
    case silent
    /// Answers after 5 to 20 s.
    case slow
    /// Nobody listens: the system says so.
    case refusing
    /// Nobody is there, and what comes back to say so comes late or not at all.
    case unreachable
    case unavailable(retryAfter: String?)
    case failing(status: Int)
  }

  let number: Int
  var health = Health.up

  init(number: Int) { self.number = number }

  var endpoint: Endpoint { Endpoint(address: .v4(0x0A00_0001 + UInt32(number)), port: 5060) }

  /// Two proxies, and the registrar itself with two addresses.
  static func numbers(of uri: URI) -> [Int] {
    switch uri.host {
    case .name("p1.test"): [0]
    case .name("p2.test"): [1]
    case .address(.v4(let address)): [Int(address - 0x0A00_0001)]
    default: [2, 3]
    }
  }

  /// What a site says that does not ask the registrar.
  static func response(
    _ status: Int, _ reason: String, to request: [UInt8], _ source: Endpoint,
    _ fields: [(HeaderName, [UInt8])] = []
  ) -> [UInt8]? {
    guard let message = try? Message(parsing: request) else { return nil }
    return message.response(
      status: status, reason: reason, toTag: "site", receivedFrom: source, adding: fields)
  }
}
