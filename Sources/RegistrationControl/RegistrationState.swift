/// Where a registration stands, in the words of the state machine.
package enum RegistrationState: String, Codable, Sendable, CaseIterable {
  case unregistered, registering, registered, refreshing, waiting, paused, unregistering

  /// A REGISTER waits for its answer.
  package var isInFlight: Bool {
    switch self {
    case .registering, .refreshing, .unregistering: true
    case .unregistered, .registered, .waiting, .paused: false
    }
  }

  /// The registrar holds a binding in these states for certain; in `waiting` it may.
  package var isRegistered: Bool {
    switch self {
    case .registered, .refreshing: true
    case .unregistered, .registering, .waiting, .paused, .unregistering: false
    }
  }
}

/// How many accounts are in each state.
package struct StateCounts: Codable, Sendable, Equatable {
  package var unregistered = 0
  package var registering = 0
  package var registered = 0
  package var refreshing = 0
  package var waiting = 0
  package var paused = 0
  package var unregistering = 0

  package init() {}

  package subscript(state: RegistrationState) -> Int {
    get {
      switch state {
      case .unregistered: unregistered
      case .registering: registering
      case .registered: registered
      case .refreshing: refreshing
      case .waiting: waiting
      case .paused: paused
      case .unregistering: unregistering
      }
    }
    set {
      switch state {
      case .unregistered: unregistered = newValue
      case .registering: registering = newValue
      case .registered: registered = newValue
      case .refreshing: refreshing = newValue
      case .waiting: waiting = newValue
      case .paused: paused = newValue
      case .unregistering: unregistering = newValue
      }
    }
  }

  package var total: Int { RegistrationState.allCases.reduce(0) { $0 + self[$1] } }
}

extension RegistrationState: JSONWritable {}
