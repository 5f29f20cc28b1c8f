import SIPMessage
import SIPTransport
import SIPUserAgent

extension Shard {
  /// Who holds a binding that a former run left has sent us nothing yet, and is no stranger all the same.
  func expectHolders() {
    var last: Target?
    agent.forEachBinding { _, binding in
      guard binding.target != last else { return }
      last = binding.target
      transport.expects(binding.target)
    }
  }

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
