import SIPMessage
import SIPUserAgent
import Testing

/// The life of a registration, every state × every event.
@Suite struct RegistrationTests {
  enum State: String, CaseIterable {
    case unregistered, registering, registered, refreshing, waiting, waitingBound, refused, paused, unregistering, ended
  }

  enum Event: String, CaseIterable { case due, expiry, refresh, resume, pause, stop, remove, reconsider }

  static let start = Instant(nanoseconds: 1_000_000_000_000)
  static let binding = Binding(
    registeredAt: start, expiresAt: start + .seconds(300), contact: Array("sip:a@192.0.2.1".utf8), routeIndex: 0,
    target: Target(transport: .udp, endpoint: Endpoint(address: .v4(1), port: 5060)),
    local: Endpoint(address: .v4(2), port: 5060))

  static func registration(_ state: State) -> Registration {
    var registration = Registration(start: start)
    if state == .unregistered { return registration }
    _ = registration.due(now: start)
    switch state {
    case .unregistered, .registering: break
    case .registered: _ = registration.succeeded(binding, refreshAt: start + .seconds(150))
    case .refreshing:
      _ = registration.succeeded(binding, refreshAt: start + .seconds(150))
      _ = registration.due(now: start + .seconds(150))
    case .waiting: _ = registration.failed(until: start + .seconds(150))
    case .waitingBound:
      _ = registration.succeeded(binding, refreshAt: start + .seconds(100))
      _ = registration.due(now: start + .seconds(100))
      _ = registration.failed(until: start + .seconds(150))
    case .refused: _ = registration.refused(.refused(status: 403), probe: start + .seconds(150))
    case .paused:
      _ = registration.failed(until: start)
      _ = registration.pause()
    case .unregistering:
      _ = registration.succeeded(binding, refreshAt: start)
      _ = registration.pause()
    case .ended:
      _ = registration.failed(until: start)
      _ = registration.stop()
    }
    return registration
  }

  static func outcome(_ registration: inout Registration, _ event: Event) -> String {
    let action =
      switch event {
      case .due: "\(registration.due(now: start + .seconds(150)))"
      case .expiry: "\(registration.due(now: start + .seconds(300)))"
      case .refresh: "\(registration.refresh())"
      case .resume: "\(registration.resume())"
      case .pause: "\(registration.pause())"
      case .stop: "\(registration.stop())"
      case .remove: "\(registration.remove())"
      case .reconsider: "\(registration.reconsider(at: start + .seconds(50)))"
      }
    return "\(action) \(registration.state.name)"
  }

  /// due, expiry, refresh, resume, pause, stop, remove, reconsider
  static let table: [State: [String]] = [
    .unregistered: [
      "start registering", "start registering", "true registering", "false unregistered", "rest paused",
      "stopped unregistering", "forget unregistering", "true unregistered",
    ],
    .registering: [
      "none registering", "none registering", "false registering", "false registering", "none registering",
      "none registering", "none registering", "false registering",
    ],
    .registered: [
      "start refreshing", "lapsedAndStart registering", "true refreshing", "false registered",
      "unregister unregistering", "unregister unregistering", "unregister unregistering", "true registered",
    ],
    .refreshing: [
      "none refreshing", "lapsed registering", "false refreshing", "false refreshing", "none refreshing",
      "none refreshing", "none refreshing", "false refreshing",
    ],
    .waiting: [
      "start registering", "start registering", "true registering", "false waiting", "rest paused",
      "stopped unregistering", "forget unregistering", "true waiting",
    ],
    .waitingBound: [
      "start refreshing", "lapsedAndStart registering", "true refreshing", "false waiting",
      "unregister unregistering", "unregister unregistering", "unregister unregistering", "true waiting",
    ],
    .refused: [
      "start registering", "start registering", "true registering", "true registering", "rest paused",
      "stopped unregistering", "forget unregistering", "true paused",
    ],
    .paused: [
      "none paused", "none paused", "false paused", "true registering", "rest paused", "stopped unregistering",
      "forget unregistering", "true paused",
    ],
    .unregistering: [
      "none unregistering", "none unregistering", "false unregistering", "false unregistering", "none unregistering",
      "none unregistering", "none unregistering", "true unregistering",
    ],
    // Its name to the outside is that of the un-REGISTER that ended it.
    .ended: [
      "none unregistering", "none unregistering", "false unregistering", "false unregistering", "none unregistering",
      "none unregistering", "forget unregistering", "true unregistering",
    ],
  ]

  /// The floor between two REGISTERs may be longer than what a registrar grants.
  @Test func aBindingThatEndsBeforeItsRefreshMayLeaveLapses() {
    var registration = Registration(start: Self.start)
    _ = registration.due(now: Self.start)
    _ = registration.succeeded(Self.binding, refreshAt: Self.start + .seconds(400))
    #expect(registration.deadline == Self.start + .seconds(300))
    #expect(registration.nextAttempt == Self.start + .seconds(400))
    #expect(registration.due(now: Self.start + .seconds(299)) == .none)
    #expect(registration.due(now: Self.start + .seconds(300)) == .lapsed)
    #expect(registration.state == .waiting(until: Self.start + .seconds(400), failures: 0))
    #expect(registration.binding == nil)
    #expect(registration.due(now: Self.start + .seconds(399)) == .none)
    #expect(registration.due(now: Self.start + .seconds(400)) == .start)
  }

  @Test func aLapseIsReportedWhereTheFloorIsLongerThanTheGrant() throws {
    var bench = try Bench.registering {
      $0.expires = 20
      $0.policy.minimumInterval = .seconds(60)
    }
    try bench.respond(200)
    bench.store()
    bench.advance(.seconds(19))
    #expect(bench.status?.binding != nil)
    bench.advance(.seconds(1))
    #expect(bench.reports.contains(.lapsed))
    #expect(bench.status?.binding == nil && bench.state == .waiting)
    #expect(bench.agent.counts.bound == 0)
    bench.advance(.seconds(39))
    #expect(bench.sent.count == 1)
    bench.advance(.seconds(1))
    bench.store()
    bench.locate()
    #expect(bench.sent.count == 2)
    try bench.respond(200)
    #expect(bench.state == .registered)
  }

  @Test(arguments: State.allCases) func everyEventInEveryState(state: State) throws {
    let row = try #require(Self.table[state])
    try #require(row.count == Event.allCases.count)
    for (event, expected) in zip(Event.allCases, row) {
      var registration = Self.registration(state)
      #expect(Self.outcome(&registration, event) == expected, "\(event)")
      switch registration.state {
      case .registered, .refreshing: #expect(registration.binding != nil, "\(event)")
      case .unregistered, .registering, .ended: #expect(registration.binding == nil, "\(event)")
      case .waiting, .paused, .unregistering: break
      }
    }
  }

  // MARK: What was noted while a REGISTER was in flight

  enum Wish: String, CaseIterable {
    case refresh, resume, pause, stop, remove

    func tell(_ registration: inout Registration) {
      switch self {
      case .refresh: _ = registration.refresh()
      case .resume: _ = registration.resume()
      case .pause: _ = registration.pause()
      case .stop: _ = registration.stop()
      case .remove: _ = registration.remove()
      }
    }
  }

  @Test(
    arguments: [
      ([], "none registered", "none waiting"), ([.pause], "unregister unregistering", "rest paused"),
      ([.pause, .resume], "none registered", "none waiting"),
      ([.pause, .refresh], "unregister unregistering", "rest paused"),
      ([.pause, .resume, .pause], "unregister unregistering", "rest paused"),
      ([.stop], "unregister unregistering", "stopped unregistering"),
      ([.stop, .resume], "unregister unregistering", "stopped unregistering"),
      ([.remove], "unregister unregistering", "forget unregistering"),
      ([.remove, .pause], "unregister unregistering", "forget unregistering"),
      ([.remove, .refresh], "unregister unregistering", "forget unregistering"),
      ([.remove, .resume], "unregister unregistering", "forget unregistering"),
      ([.remove, .stop], "unregister unregistering", "forget unregistering"),
      ([.stop, .remove], "unregister unregistering", "forget unregistering"),
    ] as [([Wish], String, String)])
  func theGravestWishIsDoneAfterwards(wishes: [Wish], afterSuccess: String, afterFailure: String) {
    var registration = Self.registration(.registering)
    for wish in wishes { wish.tell(&registration) }
    var failing = registration
    let success = registration.succeeded(Self.binding, refreshAt: Self.start + .seconds(150))
    #expect("\(success) \(registration.state.name)" == afterSuccess)
    let failure = failing.failed(until: Self.start + .seconds(30))
    #expect("\(failure) \(failing.state.name)" == afterFailure)
  }

  @Test(
    arguments: [
      ([], "rest paused"), ([.resume], "register registering"), ([.resume, .pause], "rest paused"),
      ([.refresh], "rest paused"), ([.stop], "stopped unregistering"), ([.stop, .resume], "stopped unregistering"),
      ([.remove], "forget unregistering"), ([.remove, .resume, .pause], "forget unregistering"),
    ] as [([Wish], String)])
  func wishesDuringAPause(wishes: [Wish], expected: String) {
    var registration = Self.registration(.unregistering)
    for wish in wishes { wish.tell(&registration) }
    let end = registration.unregistered()
    #expect("\(end) \(registration.state.name)" == expected)
  }

  @Test func theExpiryMovesOnlyWithA2xx() {
    var registration = Self.registration(.refreshing)
    #expect(registration.deadline == Self.binding.expiresAt)
    _ = registration.failed(until: Self.start + .seconds(1000))
    #expect(registration.binding == Self.binding)
    #expect(registration.deadline == Self.binding.expiresAt)
    #expect(registration.due(now: Self.binding.expiresAt) == .lapsed)
    #expect(registration.binding == nil)
    #expect(registration.deadline == Self.start + .seconds(1000))
  }

  @Test func failuresCountUpToASuccess() {
    var registration = Self.registration(.registering)
    for failures in 1...3 {
      _ = registration.failed(until: Self.start)
      #expect(registration.failures == failures)
      _ = registration.due(now: Self.start)
    }
    _ = registration.succeeded(Self.binding, refreshAt: Self.start)
    #expect(registration.failures == 0)
  }
}
