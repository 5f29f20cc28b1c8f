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
