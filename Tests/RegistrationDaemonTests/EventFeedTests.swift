import DaemonConfiguration
import NIOConcurrencyHelpers
import NIOPosix
import RegistrationControl
import SIPMessage
import SIPUserAgent
import ShardCore
import Testing

@testable import RegistrationDaemon

/// What shards report comes to the log, and to each who watches what he watches.
@Suite struct EventFeedTests {
  private let entries = NIOLockedValueBox([EventLog.Entry]())
  private let log: EventLog
  private let feed: EventFeed
  private let at = Instant(nanoseconds: 1_000_000_000_000)

  init() {
    log = EventLog(LogSettings(), sink: { [entries] entry in entries.withLockedValue { $0.append(entry) } })
    feed = EventFeed(log: log)
  }

  private var written: [EventLog.Entry] {
    log.flush()
    return entries.withLockedValue { $0 }
  }

  private func watcher(_ filter: AccountFilter = AccountFilter()) -> ControlEventStream {
    let stream = ControlEventStream(
      filter: filter, limit: 1 << 16, budget: ControlEventBudget(limit: 1 << 20),
      eventLoop: MultiThreadedEventLoopGroup.singleton.next()
    ) {}
    feed.watch(stream)
    return stream
  }

  private func account(_ name: String) throws -> SIPUserAgent.Account {
    Account(name: name, addressOfRecord: try URI("sip:\(name)@b.test"), registrar: try URI("sip:b.test"))
  }

  private func happening(_ name: String, _ report: Report) throws -> Happening {
    Happening(
      at: at, account: try account(name), state: .waiting, callID: "c", boundUntil: nil, outlook: .rest, report: report)
  }

  @Test func routineIsAskedForWhileSomebodyReadsIt() {
    #expect(feed.leastRead == .progress)
    let streams = [watcher(), watcher()]
    #expect(feed.leastRead == .routine)
    streams[0].close()
    #expect(feed.leastRead == .routine)
    streams[1].close()
    #expect(feed.leastRead == .progress)
    log.setLevel(.debug)
    #expect(feed.leastRead == .routine)
    log.setLevel(.notice)
    #expect(feed.leastRead == .notable)
  }

  @Test func whatIsTooLittleForTheLogIsToldToThoseWhoWatch() throws {
    let stream = watcher()
    feed.happened([
      try happening("alice", .step(.challenged(status: 401))), try happening("bob", .lapsed),
    ])
    #expect(written.map(\.level) == [.warning])
    #expect(written.first?.message.hasPrefix("bob: ") == true)
    let events = try #require(stream.take(10))
    #expect(events.map(\.account) == ["alice", "bob"])
    #expect(events.map(\.kind) == [.step, .lapsed])
  }

  @Test func whoWatchesSomeIsToldOfNoOthers() throws {
    let (all, some) = (watcher(), watcher(AccountFilter(pattern: "b*")))
    feed.happened([try happening("alice", .lapsed), try happening("bob", .lapsed)])
    some.close()
    feed.happened([try happening("bert", .lapsed)])
    #expect(all.take(10)?.map(\.account) == ["alice", "bob", "bert"])
    #expect(some.take(10)?.map(\.account) == [])
  }

  @Test func anEntryIsFoundByItsFields() throws {
    feed.happened([try happening("alice", .failed(.response(status: 503, reason: "Busy"), next: at))])
    let fields = Dictionary(uniqueKeysWithValues: try #require(written.first).fields.map { ($0.name, $0.value) })
    #expect(
      fields == [
        "SIP_ACCOUNT": "alice", "SIP_AOR": "sip:alice@b.test", "SIP_CALL_ID": "c", "SIP_STATE": "waiting",
        "SIP_EVENT": "failed", "SIP_STATUS": "503",
      ])
  }

  @Test func ofANextHopTheLogIsTold() throws {
    let stream = watcher()
    feed.happened(toHop: try URI("sip:edge.test"), .silent(.timedOut))
    feed.happened(toHop: try URI("sip:edge.test"), .answers(after: .seconds(60), waiting: 3))
    feed.leftOut("edge.test has the address 0.0.0.0, which is no target", of: try URI("sip:edge.test"))
    #expect(written.map(\.level) == [.warning, .notice, .warning])
    #expect(written.allSatisfy { $0.fields.map(\.name) == ["SIP_NEXT_HOP"] && $0.fields[0].value == "sip:edge.test" })
    #expect(stream.take(10)?.isEmpty == true)
    feed.remarked("an old certificate", of: Target(transport: .tls, endpoint: Endpoint(address: .v4(1), port: 5061)))
    #expect(written.last?.level == .warning)
    #expect(written.last?.fields.map(\.value) == ["0.0.0.1:5061"])
  }

  /// Who watches accounts hears of the requests of strangers only where they are for one of them.
  @Test func aRequestIsToldToThoseWhoWatchItsAccount() throws {
    let stream = watcher()
    let call = try ArrivedRequestWordsTests.request("INVITE", .answered(status: 480))
    feed.arrived(call, at: at, for: nil)
    feed.arrived(call, at: at, for: (try account("alice"), .registered))
    #expect(written.count == 2)
    #expect(stream.take(10)?.map(\.kind) == [.request])
  }
}
