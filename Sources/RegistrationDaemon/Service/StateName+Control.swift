import RegistrationControl
import SIPUserAgent

// The states of the machine and those of the interface have the same names, and meet here: what programs are told does not
// change with the core, and the interface is linked by who has no core.

extension RegistrationState {
  init(_ name: StateName) {
    switch name {
    case .unregistered: self = .unregistered
    case .registering: self = .registering
    case .registered: self = .registered
    case .refreshing: self = .refreshing
    case .waiting: self = .waiting
    case .paused: self = .paused
    case .unregistering: self = .unregistering
    }
  }
}

extension StateCounts {
  init(_ tally: StateTally) {
    self.init()
    for name in StateName.allCases { self[RegistrationState(name)] = tally[name] }
  }
}
