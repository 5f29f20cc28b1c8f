import NIOConcurrencyHelpers
import SIPMessage
import SIPTransport

/// A peer that answers some requests at once, on the thread on which they come: no other work makes it late.
final class Answerer: Sendable {
  /// What is answered; nothing else is.
  static let request = "request"

  private let peer: Peer
  private let arrived: NIOLockedValueBox<[Flow]>
  private let layer: NIOLockedValueBox<TransportLayer?>

  init() throws {
    let came = NIOLockedValueBox<[Flow]>([])
    let layer = NIOLockedValueBox<TransportLayer?>(nil)
    let peer = try Peer(deliver: { events in
      for case .received(let bytes, let flow) in events {
        came.withLockedValue { $0.append(flow) }
        guard bytes == Array(message(Answerer.request).utf8) else { continue }
        layer.withLockedValue { $0 }?.send([
          Outbound(bytes: Array(message("answer").utf8), destination: .flow(flow), token: Outbound.answer)
        ])
      }
    })
    layer.withLockedValue { $0 = peer.layer }
    (self.peer, arrived, self.layer) = (peer, came, layer)
  }

  /// It hands on to itself.
  deinit { layer.withLockedValue { $0 = nil } }

  var target: Target { peer.target(.tcp) }

  /// Over which flow each message came, as soon as there are so many.
  func flows(_ count: Int) async throws -> [Flow] {
    while true {
      let flows = arrived.withLockedValue { $0 }
      if flows.count >= count { return flows }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}
