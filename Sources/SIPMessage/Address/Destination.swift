/// Where a message is sent: a request to the target that RFC 3263 arrived at, over whatever leads there; a response back over
/// the flow that its request came from.
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
