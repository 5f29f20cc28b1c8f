import SIPMessage

/// The flows that are kept open, each once for all accounts whose bindings are held over it: it costs nothing for an
/// account, and a hundred accounts at one proxy cost one keep-alive.
struct HeldFlows: Sendable {
  /// Flows that are kept open; what is beyond it is not.
  private static let limit = 65_536

  private var flows: [HeldFlow?] = []
  private var free: [Int32] = []
  private var numbers: [Way: Int32] = [:]
  /// Those to one target: more than one while our own end changes.
  private var numbersByTarget: [Target: [Int32]] = [:]
  /// Most accounts go the way of the one before.
  private var latest: (way: Way, number: Int32)?
  /// Counts accounts that were bound and are not any more, are bound elsewhere, or want something else.
  private(set) var leavers: UInt32 = 0
  /// What has failed in this event, and whose bindings have yet to move.
  private var failed: [(number: Int32, failure: FlowFailure)] = []

  /// Whether any flow is kept open.
  var isHolding: Bool { !numbers.isEmpty }

  /// The number of the flow over this way.
  mutating func number(of way: Way) -> Int32? {
    guard isHolding else { return nil }
    if let latest, latest.way == way { return latest.number }
    guard let number = numbers[way] else { return nil }
    latest = (way, number)
    return number
  }

  /// For a look: `number(of:)` is faster.
  func status(over way: Way) -> FlowStatus? { numbers[way].flatMap { flows[Int($0)]?.status } }

  /// The number of the flow over this way, which is kept from now on.
  ///
  /// - Returns: nil when there are too many.
  mutating func hold(_ way: Way, _ cadence: Cadence, now: Instant) -> Int32? {
    if let number = number(of: way) { return number }
    guard numbers.count < Self.limit else { return nil }
    let flow = HeldFlow(way, cadence: cadence, reviewedAt: leavers, now: now)
    let number = free.popLast() ?? Int32(flows.count)
    if Int(number) == flows.count { flows.append(flow) } else { flows[Int(number)] = flow }
    numbers[way] = number
    numbersByTarget[way.target, default: []].append(number)
    return number
  }

  /// Nobody wants it any more.
  mutating func release(_ number: Int32) {
    guard let way = flows[Int(number)]?.way else { return }
    flows[Int(number)] = nil
    (numbers[way], latest) = (nil, nil)
    let others = numbersByTarget[way.target]?.filter { $0 != number }
    numbersByTarget[way.target] = others?.isEmpty == false ? others : nil
    free.append(number)
  }

  /// A flow that is there.
  subscript(number: Int32) -> HeldFlow {
    get { flows[Int(number)]! }
    _modify { yield &flows[Int(number)]! }
  }

  /// The flow that this question was asked over.
  func number(asking question: BindingTransaction, at target: Target) -> Int32? {
    numbersByTarget[target]?.first { flows[Int($0)]?.question == question }
  }

  /// The flow whose connection this is.
  func number(carriedBy flow: Flow) -> Int32? {
    numbersByTarget[flow.target]?.first { flows[Int($0)]?.carrier == flow }
  }

  /// Somebody is no longer where he was, or wants something else: whether a flow is still wanted is looked into when it
  /// would be kept open next.
  mutating func someoneLeft() { leavers &+= 1 }

  // MARK: Failures

  mutating func fail(_ number: Int32, _ failure: FlowFailure) { failed.append((number, failure)) }

  var hasFailed: Bool { !failed.isEmpty }

  mutating func takeFailed() -> [(number: Int32, failure: FlowFailure)] {
    defer { failed = [] }
    return failed
  }

  // MARK: Timers

  /// The flow whose timer this is, if it still means something.
  func number(of timer: TimerID) -> Int32? {
    guard flows.indices.contains(Int(timer.slot)), flows[Int(timer.slot)]?.timer.isArmed(timer.generation) == true
    else { return nil }
    return timer.slot
  }
}
