import SIPMessage

/// What is done for the flows that bindings are held over (RFC 5626 §4.4), each for all accounts that share it.
extension UserAgentClient {
  // MARK: What a 2xx says

  /// A registration was granted. Nearly always it is as before, no flow is kept open, and there is nothing to do.
  ///
  /// - Parameter isSame: nothing but times and counts has changed of the binding
  @inline(__always)
  mutating func noteFlow(
    _ registrant: borrowing Registrant, _ response: Message, isSame: Bool, isRefresh: Bool
  ) {
    guard !isSame || heldFlows.isHolding || !registrant.learned.isEmpty || response.contains(.flowTimer) else { return }
    noteAnyFlow(registrant, response, isNews: !isSame && isRefresh)
  }

  private mutating func noteAnyFlow(_ registrant: borrowing Registrant, _ response: Message, isNews: Bool) {
    guard let way = registrant.registration.binding?.way else { return }
    // It may have been held over another flow.
    if isNews, heldFlows.isHolding { heldFlows.someoneLeft() }
    let (flowTimer, carriesCalls) = (response.flowTimer?.value, response.isOfOutbound)
    guard let cadence = registrant.cadence(flowTimer: flowTimer, carriesCalls: carriesCalls),
      let number = heldFlows.hold(way, cadence, now: now)
    else { return }
    // What was longer on demand of the edge may be shorter by its demand, and the other way round.
    if heldFlows[number].edgeSays(flowTimer: flowTimer, carriesCalls: carriesCalls) { heldFlows.someoneLeft() }
    let failure = heldFlows[number].accepted(
      over: turn.connection, seen: registrant.seenFrom ?? way.local, sentAt: registrant.sentAt, now: now)
    want(cadence, of: number)
    if let failure { heldFlows.fail(number, failure) }
  }

  /// Somebody wants the flow kept alive so often; the shortest of all wins.
  private mutating func want(_ cadence: Cadence, of number: Int32) {
    switch heldFlows[number].keepAlive.state {
    case .resting, .broken: tell(number, .wanted(cadence))
    case .holding, .asking: if cadence < heldFlows[number].keepAlive.cadence { tell(number, .wanted(cadence)) }
    }
  }

  /// A live binding of a former run: its flow is kept open where that is known to be wanted. A connection ended with that
  /// run, and what there is to keep open comes with the next REGISTER.
  mutating func resumeFlow(_ registrant: borrowing Registrant) {
    guard let way = registrant.registration.binding?.way, !way.target.transport.isReliable,
      let cadence = registrant.cadence(flowTimer: nil, carriesCalls: false),
      let number = heldFlows.hold(way, cadence, now: now)
    else { return }
    heldFlows[number].recall(registrant.seenFrom ?? registrant.seenAs)
    want(cadence, of: number)
  }

  /// It is configured otherwise.
  mutating func keepAliveChanged(_ registrant: borrowing Registrant) {
    if heldFlows.isHolding { heldFlows.someoneLeft() }
    resumeFlow(registrant)
  }

  // MARK: What keep-alives come to

  /// A flow is as it should be for all that is asked of it, or will be when it is due.
  mutating func tell(_ number: Int32, _ event: KeepAlive.Event) {
    let (now, chance) = (now, turn.chance.next())
    let action = heldFlows[number].keepAlive.handle(event, now: now, chance: chance)
    let target = heldFlows[number].way.target
    switch action {
    case .none: break
    case .ask:
      let question = target.transport.isReliable ? nil : BindingTransaction(using: &turn.chance)
      heldFlows[number].asks(question)
      ask(question, at: target)
    case .askAgain: ask(heldFlows[number].question, at: target)
    case .sendBlindly:
      turn.effects.append(.keepAlive(target.transport.isReliable ? .ping : .lineEnds, target))
    case .fail: break
    }
    settleTimer(of: number)
  }

  private mutating func ask(_ question: BindingTransaction?, at target: Target) {
    turn.effects.append(.keepAlive(question.map(KeepAliveProbe.binding) ?? .ping, target))
  }

  private mutating func settleTimer(of number: Int32) {
    let generation = turn.nextSerial()
    let deadline = heldFlows[number].keepAlive.deadline
    if heldFlows[number].timer.settle(deadline, generation: generation), let deadline {
      turn.effects.append(.setTimer(TimerID(kind: .flow, slot: number, generation: generation), deadline))
    }
  }

  /// The timer of a flow came up that is still wanted.
  mutating func flowIsDue(_ number: Int32) {
    heldFlows[number].timer.deadline = nil
    let (carrier, wasBroken) = (heldFlows[number].carrier, heldFlows[number].keepAlive.isBroken)
    tell(number, .due)
    if wasBroken { return heldFlows.release(number) }
    guard heldFlows[number].keepAlive.isBroken else { return }
    heldFlows[number].fails(now: now)
    heldFlows.fail(number, .silent)
    if let carrier { turn.effects.append(.close(carrier, reason: FlowFailure.silent.description)) }
  }

  mutating func bindingAnswered(_ answer: BindingAnswer, from target: Target) {
    guard let number = heldFlows.number(asking: answer.transaction, at: target),
      case .asking = heldFlows[number].keepAlive.state
    else { return }
    tell(number, .answered)
    if let failure = heldFlows[number].answered(mapped: answer.mapped, now: now) { heldFlows.fail(number, failure) }
  }

  mutating func pong(over flow: Flow) {
    guard let number = heldFlows.number(carriedBy: flow) else { return }
    tell(number, .answered)
  }

  /// A connection ended; those that carry nothing that is kept open concern nobody.
  mutating func connectionClosed(_ flow: Flow, reason: String) {
    guard let number = heldFlows.number(carriedBy: flow) else { return }
    tell(number, .lost)
    guard heldFlows[number].keepAlive.isBroken else { return }
    heldFlows[number].fails(now: now)
    heldFlows.fail(number, .closed(reason: reason))
  }

  // MARK: Moving

  /// A flow has failed that held its binding: it registers anew, in its turn.
  ///
  /// - Parameter failures: of the flow in a row; from the second on it is waited for (RFC 5626 §4.5)
  /// - Returns: whether it does so for that reason
  mutating func leaveFlow(_ registrant: inout Registrant, failures: Int) -> Bool {
    switch registrant.registration.state {
    case .refreshing:
      // What is on its way over a connection is lost with it, and sent over another.
      if registrant.sentWay?.target.transport.isReliable == false { registrant.needsAnother = true }
      return true
    case .registered: break
    case .unregistered, .registering, .waiting, .paused, .unregistering, .ended: return false
    }
    let route = registrant.registration.binding?.routeIndex ?? 0
    let path = registrant.paths[registrant.paths.indices.contains(route) ? route : 0]
    var leavesAt = max(nextHops.take(.waiting, toward: path, now: now), registrant.earliestMove(now: now))
    if failures > 1 {
      leavesAt = max(
        leavesAt,
        now
          + Backoff.delay(
            after: failures - 1, policy: registrant.account.policy, isReachable: flows.isBoundElsewhere(registrant),
            chance: turn.chance.next()))
    }
    cancelPlan(registrant)
    _ = registrant.registration.reconsider(at: leavesAt)
    return true
  }
}

extension Message {
  /// How often the edge wants to hear from us (RFC 5626 §10), in seconds; nil: it does not say.
  fileprivate var flowTimer: DeltaSeconds? {
    first(.flowTimer).flatMap(DeltaSeconds.init).flatMap { $0.value > 0 ? $0 : nil }
  }

  /// The registrar and the edge before it keep flows (RFC 5626 §6).
  var isOfOutbound: Bool {
    contains(.require) && optionTags(.require).contains { $0.equalsIgnoringCase("outbound") }
  }
}
