import SIPMessage

/// The states of a registration by name, in the order of its life.
package enum StateName: String, Sendable, CaseIterable {
  case unregistered, registering, registered, refreshing, waiting, paused, unregistering

  var index: Int {
    switch self {
    case .unregistered: 0
    case .registering: 1
    case .registered: 2
    case .refreshing: 3
    case .waiting: 4
    case .paused: 5
    case .unregistering: 6
    }
  }
}

extension Registration.State {
  package var name: StateName {
    switch self {
    case .unregistered: .unregistered
    case .registering: .registering
    case .registered: .registered
    case .refreshing: .refreshing
    case .waiting: .waiting
    case .paused: .paused
    case .unregistering, .ended: .unregistering
    }
  }
}
