import SIPMessage
import SIPTransport
import SIPUserAgent

extension Shard {
  /// Addresses or routes of the host changed: bindings that name an address which is not ours any more move.
  func networkChanged() {
    transport.networkChanged()
    var ways: [Target: Endpoint?] = [:]
    var moved: [AccountID] = []
    // Most go where the one before goes.
    var last: (target: Target, local: Endpoint?)?
    agent.forEachBinding { id, binding in
      let local: Endpoint?
      if let last, last.target == binding.target {
        local = last.local
      } else {
        local = ways[binding.target] ?? transport.localEndpoint(toward: binding.target)
        ways[binding.target] = .some(local)
        last = (binding.target, local)
      }
      // Without any way at all there is nothing to register with; the way back is a change, too.
      if let local, local != binding.local { moved.append(id) }
    }
    handle([.networkChanged] + moved.map { .moved($0) })
  }
}
