/// Why nothing is known of a name, in words for an operator.
package struct ResolutionFailure: Error, Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case invalidName
    case noSuchName
    /// Of the type that was asked for.
    case noRecord
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
      case .invalidName, .noSuchName, .noRecord: true
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
  package var description: String { "can not resolve \(name): \(reason)" }

  /// Without the name.
  package var reason: String {
    switch kind {
    case .invalidName: "this is no host name"
    case .noSuchName: "there is no such name in the DNS"
    case .noRecord: "the name has no address (A or AAAA)"
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
