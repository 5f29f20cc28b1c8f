import RegistrationControl
import Testing

@testable import RegistrationDaemon
@testable import SIPTransaction
@testable import SIPTransport
@testable import SIPUserAgent

/// What the shards count, put together for whoever asks.
@Suite struct TrafficTests {
  @Test func whatWasWithheldWasNotAnswered() {
    var summary = ShardSummary(
      counts: StateTally(), underWay: 0, transactions: TransactionCounters(), registrations: UserAgent.Counters(),
      transport: TransportCounters(), silentHops: [])
    summary.transactions.requestsReceived = 1_500
    summary.registrations.answeredRequests = 1_500
    summary.transport.answersWithheld = 987
    var traffic = Traffic()
    traffic.add(summary)
    traffic.add(summary)
    #expect(traffic.requestsReceived == 3_000)
    #expect(traffic.requestsAnswered == 1_026)
    #expect(traffic.answersWithheld == 1_974)
  }
}
