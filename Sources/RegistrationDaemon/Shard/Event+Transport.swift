import SIPTransaction
import SIPTransport
import SIPUserAgent

extension Event {
  /// What the transport brings, as the user agent takes it.
  init(_ event: TransportEvent) {
    self =
      switch event {
      case .received(let bytes, let flow): .received(bytes, flow)
      case .sendFailed(let token, let failure):
        .sendFailed(client: ClientTransactionID(token: token), reason: failure.description)
      case .unreachable(let target, let failure): .unreachable(target, reason: failure.description)
      case .connectionClosed(let end):
        .connectionClosed(
          carrying: end.carried.map(ClientTransactionID.init(token:)), hasWorked: end.hasBroughtMessages,
          reason: end.failure?.description ?? "the peer closed the connection")
      }
  }
}
