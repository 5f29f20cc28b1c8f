import SIPMessage
import SIPTransaction

/// The last exchanges of an account, for those who ask why. Where accounts are many, only what went otherwise is kept:
/// while all is well there is the last success to tell of, which the binding knows but for how long the answer took.
struct History: Sendable {
  /// One REGISTER and what became of it, in 32 bytes: the way is everybody's, and a failure is seldom.
  fileprivate struct Past: Sendable {
    static let unanswered = UInt32.max

    var sentAt: Instant
    var way: Way
    var failure = OptionalBox<Failure>()
    /// Microseconds.
    var roundTrip = unanswered
    /// Of a 2xx; 0: it failed.
    var status: UInt16 = 0
  }

  /// Oldest first, once it is full from `oldest` on and round: a refresh moves none of the others.
  private var past: [Past] = []
  private var failure = OptionalBox<Failure>()
  /// Of the REGISTER that made the binding.
  private var status: UInt16 = 0
  private var oldest: UInt8 = 0
  /// How many of the past are challenges.
  private var challenges: UInt8 = 0
  /// Microseconds.
  private var roundTrip: UInt32 = 0

  /// Since the last success.
  var lastFailure: Failure? {
    get { failure.value }
    set { failure.value = newValue }
  }

  func exchanges(binding: Binding?) -> [Exchange] {
    guard past.isEmpty else { return inOrder.map(Exchange.init) }
    return success(binding: binding).map { [Exchange($0)] } ?? []
  }

  private func success(binding: Binding?) -> Past? {
    guard status > 0, let binding else { return nil }
    return Past(sentAt: binding.registeredAt, way: binding.way, roundTrip: roundTrip, status: status)
  }

  /// When the REGISTER failed that failed last of those that went to this target before `instant`; nil when none did since
  /// the last success. At the latest: what was not answered may have failed long before its time was over.
  func lastFailure(at target: Target, before instant: Instant) -> Instant? {
    for exchange in inOrder.reversed() where exchange.sentAt < instant && !exchange.isChallenge {
      if exchange.status > 0 { return nil }
      guard exchange.way.target == target else { continue }
      let isAnswered = exchange.roundTrip != Past.unanswered
      return exchange.sentAt + (isAnswered ? .microseconds(Int64(exchange.roundTrip)) : TimerValues.standard.timerF)
    }
    return nil
  }

  /// An exchange has ended.
  ///
  /// - Parameters:
  ///   - roundTrip: nil: no answer
  ///   - binding: as it was before
  ///   - isWhole: whether what went well is kept, too
  mutating func note(
    _ outcome: Exchange.Outcome, over way: Way, sentAt: Instant, roundTrip: Duration?, binding: Binding?,
    isWhole: Bool
  ) {
    var latest = Past(sentAt: sentAt, way: way)
    if let roundTrip {
      latest.roundTrip = min(UInt32(clamping: roundTrip.wholeNanoseconds / 1000), Past.unanswered - 1)
    }
    switch outcome {
    case .accepted(let status):
      latest.status = UInt16(clamping: status)
      let isTrouble = isWhole || !isOver
      (self.status, self.roundTrip) = (latest.status, latest.roundTrip)
      if isTrouble { append(latest) } else if !past.isEmpty { forget() }
      if case .some = failure.value { failure.value = nil }
    case .failed(let failure):
      if past.isEmpty, let success = success(binding: binding) { append(success) }
      self.failure.value = failure
      latest.failure = self.failure
      append(latest)
    }
  }

  /// Whether a success now ends what there is to tell: a challenge that was answered well is no trouble, and neither is
  /// what two successes have followed.
  private var isOver: Bool {
    challenges == past.count || newest.map { $0.status > 0 } ?? false
  }

  /// The success that was noted last bound nothing: trouble after all.
  mutating func keepUnbound(status: Int, over way: Way, sentAt: Instant, roundTrip: Duration) {
    failure.value = .notBound
    if let last = newest, last.sentAt == sentAt, last.status > 0 { return }
    append(
      Past(
        sentAt: sentAt, way: way, roundTrip: UInt32(clamping: roundTrip.wholeNanoseconds / 1000),
        status: UInt16(clamping: status)))
  }

  // MARK: The ring

  private var inOrder: ArraySlice<Past> { past[Int(oldest)...] + past[..<Int(oldest)] }

  private var newest: Past? { past.isEmpty ? nil : past[oldest > 0 ? Int(oldest) - 1 : past.count - 1] }

  private mutating func forget() {
    past = []
    (oldest, challenges) = (0, 0)
  }

  /// What is oldest makes room, and before that a challenge that was answered: ten refreshes are ten, however often
  /// credentials were asked for.
  private mutating func append(_ latest: consuming Past) {
    let isChallenge = latest.isChallenge
    if past.count < Exchange.kept {
      reserve()
      past.append(latest)
    } else if challenges > 0 {
      dropChallenge()
      past.append(latest)
    } else {
      past[Int(oldest)] = latest
      oldest = Int(oldest) + 1 < past.count ? oldest + 1 : 0
    }
    if isChallenge { challenges += 1 }
  }

  /// Two are usual after a registration; who has more than half of all will have all.
  private mutating func reserve() {
    if past.isEmpty { past.reserveCapacity(2) }
    if past.count == Exchange.kept / 2 { past.reserveCapacity(Exchange.kept) }
  }

  private mutating func dropChallenge() {
    var left = Array(inOrder)
    if let index = left.firstIndex(where: \.isChallenge) { left.remove(at: index) }
    (past, oldest) = (left, 0)
    challenges -= 1
  }
}

extension History.Past {
  /// 401, 407
  fileprivate var isChallenge: Bool {
    guard status == 0 else { return false }
    switch failure.value {
    case .response(let status, _)?: return ResponseClass(status: status) == .challenge
    case .some, nil: return false
    }
  }
}

extension Exchange {
  fileprivate init(_ past: History.Past) {
    self.init(
      sentAt: past.sentAt, target: past.way.target,
      outcome: past.failure.value.map { .failed($0) } ?? .accepted(status: Int(past.status)),
      roundTrip: past.roundTrip == History.Past.unanswered ? nil : .microseconds(Int64(past.roundTrip)))
  }
}
