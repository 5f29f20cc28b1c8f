import SIPMessage

/// Where a message is sent: a request to what RFC 3263 arrived at, a response back where its request came from.
package enum Destination: Hashable, Sendable {
  case target(Target)
  case flow(Flow)

  package var target: Target {
    switch self {
    case .target(let target): target
    case .flow(let flow): flow.target
    }
  }

  package var isReliable: Bool { target.transport.isReliable }
}
