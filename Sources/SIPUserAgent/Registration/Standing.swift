/// What an account is counted under: its state, and what is true of it beside that. Small, since it is made and compared
/// whenever an account changes.
package struct Standing: Sendable, Equatable {
  private static let bound: UInt8 = 0x10
  private static let failing: UInt8 = 0x20
  private static let pausedByOperator: UInt8 = 0x40

  /// All of it, with the number of the state in the lower half.
  private let bits: UInt8
  package let state: StateName

  /// Where it is called: a call would be handed a copy of the account that the registration belongs to.
  @inline(__always)
  init(_ registration: borrowing Registration) {
    state = registration.state.name
    var bits = UInt8(state.index) | (registration.isBound ? Self.bound : 0)
    switch registration.state {
    case .unregistered, .registering, .registered, .unregistering, .ended: break
    case .refreshing(let failures): if failures > 0 { bits |= Self.failing }
    case .waiting: bits |= Self.failing
    case .paused(.byOperator, _): bits |= Self.pausedByOperator
    case .paused: bits |= Self.failing
    }
    self.bits = bits
  }

  package static func == (left: Self, right: Self) -> Bool { left.bits == right.bits }

  /// The registrar holds a binding, as far as is known.
  package var isBound: Bool { bits & Self.bound != 0 }
  /// It is bound, and the attempts to stay so have failed or are held up.
  package var isFailingToRefresh: Bool { bits & (Self.bound | Self.failing) == Self.bound | Self.failing }
  package var isPausedByOperator: Bool { bits & Self.pausedByOperator != 0 }

  /// It is bound, and not being taken out.
  var isHeld: Bool {
    switch state {
    case .unregistering: false
    case .unregistered, .registering, .registered, .refreshing, .waiting, .paused: isBound
    }
  }

  /// What is true beside the state.
  var flags: UInt8 { bits & 0xF0 }
}
