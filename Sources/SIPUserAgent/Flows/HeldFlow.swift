import SIPMessage

/// A flow that bindings are held over (RFC 5626 §4.2): what keeps it open, and from when on a binding over it counts. All
/// accounts whose requests go the same way share it; who they are is not known here.
struct HeldFlow: Sendable {
  private enum Limits {
    /// Changes in a row of how we are seen that are followed: a NAT that shows another port each time is not chased.
    static let moves = 3
    /// A flow that lived for so many intervals began well, whatever ends it.
    static let intervals = 3
  }

  let way: Way
  var keepAlive: KeepAlive
  var timer = ArmedTimer()
  /// What was asked last; nil: nothing, or by a ping.
  private(set) var question: BindingTransaction?
  /// What was bound before leads nowhere.
  private(set) var holdsSince = Instant.origin
  private var beganAt: Instant
  /// Failures in a row, each soon after the beginning.
  private(set) var failures = 0
  /// That carried the newest REGISTER which was accepted; 0: none yet, or no stream.
  private var connection: UInt32 = 0
  /// What the edge said last: how often it wants to hear from us, and that it sends what is for us over the flow.
  private(set) var flowTimer: UInt32?
  private(set) var carriesCalls = false
  /// How we were seen last, by answers to keep-alives and by those to REGISTERs: each is compared with its own kind, since
  /// what balances load may tell the one and not the other.
  private var mapped: Endpoint?
  private var seen: Endpoint?
  private var moves = 0
  /// When the newest REGISTER left that was accepted.
  private var newestSentAt = Instant.origin
  /// How many accounts had left other flows, or this one, when it was looked at last who is here.
  var reviewedAt: UInt32

  init(_ way: Way, cadence: Cadence, reviewedAt: UInt32, now: Instant) {
    self.way = way
    self.reviewedAt = reviewedAt
    beganAt = now
    keepAlive = KeepAlive(isReliable: way.target.transport.isReliable, cadence: cadence)
  }

  /// Its connection; nil: none is known.
  var carrier: Flow? { connection == 0 ? nil : Flow(target: way.target, connection: connection) }

  mutating func asks(_ question: BindingTransaction?) { self.question = question }

  // MARK: What a 2xx says

  /// A REGISTER was accepted over it.
  ///
  /// - Parameters:
  ///   - seen: from where, in the eyes of the peers
  ///   - sentAt: when it left
  /// - Returns: why what was bound before leads nowhere; nil: it does.
  mutating func accepted(over connection: UInt32, seen: Endpoint, sentAt: Instant, now: Instant) -> FlowFailure? {
    if keepAlive.isBroken { beganAt = now }
    // What was sent before says what was before.
    guard sentAt >= newestSentAt else { return nil }
    newestSentAt = sentAt
    if way.target.transport.isReliable {
      let former = self.connection
      self.connection = connection
      guard former != 0, former != connection else { return nil }
      holdsSince = max(holdsSince, sentAt)
      beganAt = now
      return .replaced
    }
    let former = self.seen
    self.seen = seen
    guard let failure = follow(former, seen) else { return nil }
    mapped = nil
    holdsSince = max(holdsSince, sentAt)
    return failure
  }

  /// - Returns: whether that is news.
  mutating func edgeSays(flowTimer: UInt32?, carriesCalls: Bool) -> Bool {
    let isNews = self.flowTimer != flowTimer || self.carriesCalls != carriesCalls
    (self.flowTimer, self.carriesCalls) = (flowTimer, carriesCalls)
    keepAlive.isOwed = (carriesCalls || flowTimer != nil) && way.target.transport.isReliable
    return isNews
  }

  /// So a former run was seen; nil: nobody knows.
  mutating func recall(_ endpoint: Endpoint?) {
    mapped = mapped ?? endpoint
    seen = seen ?? endpoint
  }

  // MARK: What keep-alives say

  /// A keep-alive was answered.
  ///
  /// - Parameter mapped: where we are in the peer's eyes; nil: it does not say
  /// - Returns: why what was bound before leads nowhere; nil: it does.
  mutating func answered(mapped: Endpoint?, now: Instant) -> FlowFailure? {
    guard let mapped else { return nil }
    let former = self.mapped
    self.mapped = mapped
    guard let failure = follow(former, mapped) else { return nil }
    seen = nil
    holdsSince = now.later(by: 1)
    return failure
  }

  private mutating func follow(_ former: Endpoint?, _ endpoint: Endpoint) -> FlowFailure? {
    guard let former else { return nil }
    guard former != endpoint else {
      moves = 0
      return nil
    }
    moves = min(moves + 1, Limits.moves + 1)
    return moves <= Limits.moves ? .moved(from: former, to: endpoint) : nil
  }

  /// Nothing is held over it any more.
  mutating func fails(now: Instant) {
    let lived = now - beganAt
    failures = lived >= keepAlive.cadence.longest * Limits.intervals ? 1 : min(failures + 1, 64)
    holdsSince = now.later(by: 1)
    (connection, mapped, seen, question) = (0, nil, nil, nil)
  }

  // MARK: For people

  var status: FlowStatus {
    let method: FlowStatus.Method =
      switch (keepAlive.isReliable, keepAlive.isBlind) {
      case (false, false): .stun
      case (false, true): .lineEnds
      case (true, false): .ping
      case (true, true): .pingUnanswered
      }
    return FlowStatus(
      method: method, cadence: keepAlive.cadence, lastAnswer: keepAlive.lastAnswer, carriesCalls: carriesCalls,
      isBroken: keepAlive.isBroken)
  }
}
