import SIPMessage

/// The addresses of a host name.
package struct Resolution: Hashable, Sendable {
  /// More are not tried: at 32 s for each that is silent (RFC 3261 §17.1.2.2), these take longer than the next proxy
  /// should have to wait.
  package static let maximumAddresses = 16

  /// Never empty, and `maximumAddresses` at most; best first (RFC 6724).
  package var addresses: [IPAddress]
  /// How much longer the answer holds.
  package var expiry: Duration
  /// An old answer, because no new one is to be had (RFC 8767).
  package var isStale: Bool

  package init(addresses: [IPAddress], expiry: Duration, isStale: Bool = false) {
    self.addresses = addresses
    self.expiry = expiry
    self.isStale = isStale
  }
}

/// Why a host name gave no address, in words for an operator.
package struct ResolutionFailure: Error, Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case invalidName
    case noSuchName
    case noAddress
    case timedOut
    case serverFailure
    case refused
    /// Also when every server failed or refused: c-ares 1.18 goes to the next one and keeps no reason.
    case unreachable
    case badAnswer
    case cancelled
    case other

    /// The DNS has spoken: asking again before long is of no use, and an older answer is no longer true.
    package var isFinal: Bool {
      switch self {
      case .invalidName, .noSuchName, .noAddress: true
      case .timedOut, .serverFailure, .refused, .unreachable, .badAnswer, .cancelled, .other: false
      }
    }
  }

  package var name: String
  package var kind: Kind

  package init(name: String, kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

extension ResolutionFailure: CustomStringConvertible {
  package var description: String { "can not resolve \(name): \(words)" }

  private var words: String {
    switch kind {
    case .invalidName: "this is no host name"
    case .noSuchName: "there is no such name in the DNS"
    case .noAddress: "the name has no address (A or AAAA; SRV and NAPTR are not asked for)"
    case .timedOut: "no name server answered in time"
    case .serverFailure: "the name server failed"
    case .refused: "the name server refused the question"
    case .unreachable: "no name server can be reached or wants to answer"
    case .badAnswer: "the name server's answer can not be read"
    case .cancelled: "the resolver was stopped"
    case .other: "the resolver failed"
    }
  }
}
