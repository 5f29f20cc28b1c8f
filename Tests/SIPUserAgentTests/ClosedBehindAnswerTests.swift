import SIPMessage
import SIPTransaction
import SIPUserAgent
import Testing

/// A peer that closes the connection of many behind each answer: what it takes along is sent again no faster than
/// REGISTERs leave otherwise, and everybody is registered soon.
@Suite struct ClosedBehindAnswerTests {
  private static let rate = 100
  private static let accounts = 400
  /// What a late timer missed is made up for.
  private static let arrears = 10

  private struct Sent {
    var request: [UInt8]
    var client: ClientTransactionID
  }

  /// Many accounts over one connection.
  private struct Crowd {
    static let target = Target(transport: .tcp, endpoint: Endpoint(address: .v4(0xC000_0264), port: 5060))

    var agent: UserAgent
    var now = Instant(nanoseconds: 1_000_000_000_000)
    var timers: [TimerID: Instant] = [:]
    /// Over the connection that is open, in their order.
    var carried: [Sent] = []
    var sentAt: [Instant] = []
    var failures: [Failure] = []

    init() {
      var settings = UserAgent.Settings()
      settings.registrationsPerSecond = ClosedBehindAnswerTests.rate
      agent = UserAgent(settings: settings, random: Bench.Chance())
    }

    mutating func handle(_ event: Event) {
      var (events, effects) = ([event], [Effect]())
      while let event = events.popLast() {
        effects.removeAll()
        agent.handle(event, now: now, effects: &effects)
        for effect in effects {
          switch effect {
          case .send(let bytes, _, let client?):
            carried.append(Sent(request: bytes, client: client))
            sentAt.append(now)
          case .setTimer(let timer, let instant): timers[timer] = instant
          case .locate(_, let question):
            events.append(.located(question, .ways([Way(target: Self.target, local: Bench.local)])))
          case .store(let id, let record):
            events.append(.stored(id, key: record.key, cSeqCeiling: record.cSeqCeiling))
          case .report(_, .failed(let failure, _)): failures.append(failure)
          case .cancelTimer, .send, .renew, .report, .reportHop, .reportRequest, .forget, .released, .stopped,
            .keepAlive, .close:
            break
          }
        }
      }
    }

    mutating func advance(_ duration: Duration) {
      let end = now + duration
      timers = timers.filter { agent.isArmed($0.key) }
      while let (timer, instant) = timers.filter({ $0.value <= end }).min(by: {
        ($0.value, $0.key.generation) < ($1.value, $1.key.generation)
      }) {
        timers[timer] = nil
        now = max(now, instant)
        handle(.timerFired(timer))
      }
      now = end
    }

    mutating func answer(_ sent: Sent) throws {
      let request = try Message(parsing: sent.request)
      let contact = try #require(request.first(.contact)).text
      let response = request.response(
        status: 200, reason: "OK", toTag: "peer", receivedFrom: Bench.local,
        adding: [(.contact, Array(contact.utf8)), (.expires, Array("3600".utf8))])
      handle(.received(response, Flow(target: Self.target)))
    }

    mutating func answerAll() throws {
      let all = carried
      carried = []
      for sent in all { try answer(sent) }
    }

    /// Answers the first request and closes.
    mutating func closeBehindAnAnswer() throws {
      let all = carried
      carried = []
      try answer(try #require(all.first))
      handle(.connectionClosed(carrying: all.map(\.client), hasWorked: true, reason: "closed"))
    }
  }

  @Test func whatIsLostWithAConnectionOfManyIsSentAgainAtTheRate() throws {
    var crowd = Crowd()
    for index in 0..<Self.accounts {
      let account = Account(
        name: "user\(index)", addressOfRecord: try URI("sip:user\(index)@example.test"),
        registrar: try URI("sip:example.test;transport=tcp"))
      crowd.handle(.add(AccountID(index: index), account, nil))
    }
    while crowd.agent.counts[.registered] < Self.accounts {
      crowd.advance(.milliseconds(10))
      try crowd.answerAll()
    }
    // All of them are on their way when the peer begins.
    crowd.advance(.seconds(600))
    for index in 0..<Self.accounts { crowd.handle(.refresh(AccountID(index: index))) }
    crowd.advance(.seconds(5))
    #expect(crowd.carried.count == Self.accounts)
    crowd.sentAt = []
    let start = crowd.now
    while crowd.agent.counts[.registered] < Self.accounts, crowd.now - start < .seconds(30) {
      try crowd.closeBehindAnAnswer()
      crowd.advance(.milliseconds(10))
    }
    #expect(crowd.agent.counts[.registered] == Self.accounts)
    #expect(crowd.failures == [])
    #expect(crowd.now - start < .seconds(15))
    let most = crowd.sentAt.map { start in crowd.sentAt.count { $0 >= start && $0 - start < .seconds(1) } }.max()
    #expect(most ?? 0 <= Self.rate + Self.arrears)
  }
}
