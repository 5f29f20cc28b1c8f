import SIPTransaction
import SIPTransport
import SIPUserAgent

extension Event {
  /// What the transport brings, as the user agent takes it; nil for what it does not wait for.
  init?(_ event: TransportEvent) {
    switch event {
    case .received(let bytes, let flow): self = .received(bytes, flow)
    case .sendFailed(let token, let failure):
      self = .sendFailed(client: ClientTransactionID(token: token), reason: failure.description)
    case .unreachable(let target, let failure): self = .unreachable(target, reason: failure.description)
    case .connectionClosed(let end):
      self = .connectionClosed(
        carrying: end.carried.map(ClientTransactionID.init(token:)), hasWorked: end.hasBroughtMessages,
        reason: end.failure?.description ?? "the peer closed the connection", flow: end.flow)
    case .pong(let flow): self = .pong(flow)
    case .bindingAnswered(let answer, let flow): self = .bindingAnswered(answer, flow)
    case .remarked: return nil
    }
  }
}
