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
  fileprivate var isHeld: Bool {
    switch state {
    case .unregistering: false
    case .unregistered, .registering, .registered, .refreshing, .waiting, .paused: isBound
    }
  }

  /// What is true beside the state.
  fileprivate var flags: UInt8 { bits & 0xF0 }
}

/// How many accounts are in each state and bound, kept up to date as they change: nobody walks over a million accounts
/// to know.
package struct StateTally: Sendable, Equatable {
  private var numbers = [Int](repeating: 0, count: StateName.allCases.count)
  package private(set) var total = 0
  /// Bound, and not being taken out.
  package private(set) var bound = 0
  /// Bound, while the attempts to stay so fail.
  package private(set) var failingRefreshes = 0
  package private(set) var pausedByOperator = 0

  package init() {}

  package subscript(name: StateName) -> Int { numbers[name.index] }

  mutating func insert(_ standing: Standing) { change(standing, by: 1) }
  mutating func remove(_ standing: Standing) { change(standing, by: -1) }

  /// One account stands otherwise than before. From one state to the next it mostly stays bound.
  mutating func move(from former: Standing, to standing: Standing) {
    numbers[former.state.index] -= 1
    numbers[standing.state.index] += 1
    if former.isHeld != standing.isHeld { bound += standing.isHeld ? 1 : -1 }
    guard former.flags != standing.flags else { return }
    changeFlags(former, by: -1)
    changeFlags(standing, by: 1)
  }

  /// Those of another user agent, too.
  package mutating func add(_ other: StateTally) {
    for name in StateName.allCases { numbers[name.index] += other[name] }
    total += other.total
    bound += other.bound
    failingRefreshes += other.failingRefreshes
    pausedByOperator += other.pausedByOperator
  }

  private mutating func change(_ standing: Standing, by number: Int) {
    numbers[standing.state.index] += number
    total += number
    if standing.isHeld { bound += number }
    changeFlags(standing, by: number)
  }

  private mutating func changeFlags(_ standing: Standing, by number: Int) {
    if standing.isFailingToRefresh { failingRefreshes += number }
    if standing.isPausedByOperator { pausedByOperator += number }
  }
}
