import SIPMessage

/// A way to a peer: its target, and the local end that the system would use towards it. A copy is one pointer, since the
/// bindings of many accounts name the same few.
package struct Way: Sendable, Hashable {
  private final class Ends: Sendable {
    let target: Target
    let local: Endpoint

    init(target: Target, local: Endpoint) {
      self.target = target
      self.local = local
    }
  }

  private let ends: Ends

  package init(target: Target, local: Endpoint) { ends = Ends(target: target, local: local) }

  package var target: Target { ends.target }
  package var local: Endpoint { ends.local }

  package static func == (left: Self, right: Self) -> Bool {
    left.ends === right.ends || left.target == right.target && left.local == right.local
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(target)
    hasher.combine(local)
  }
}
