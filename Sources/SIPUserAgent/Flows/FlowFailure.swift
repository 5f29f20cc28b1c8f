import SIPMessage

/// Why a flow holds bindings no more.
package enum FlowFailure: Sendable, Equatable {
  /// Nothing came for what is always answered.
  case silent
  /// The peers see us elsewhere than before: what was bound leads nowhere.
  case moved(from: Endpoint, to: Endpoint)
  /// Its connection ended.
  case closed(reason: String)
  /// Another connection carries what is new, and the former holds nothing any more.
  case replaced
}

extension FlowFailure {
  /// Nothing is held over it at all until something is registered anew: when that comes often it is waited for.
  var isEnd: Bool {
    switch self {
    case .silent, .closed: true
    case .moved, .replaced: false
    }
  }
}

extension FlowFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .silent: "no answer to a keep-alive"
    case .moved(let former, let endpoint): "we are seen at \(endpoint), no more at \(former)"
    case .closed(let reason): reason
    case .replaced: "another connection took its place"
    }
  }
}
