import SIPMessage
import SIPTransport
import Testing

struct AnswerBudgetTests {
  private static let second: UInt64 = 1_000_000_000
  private let stranger = IPAddress("192.0.2.1")!
  private var budget = AnswerBudget(seed: 7)

  private mutating func taken(
    _ count: Int, by address: IPAddress, _ host: AnswerBudget.Host = .stranger, at now: UInt64
  ) -> Int {
    (0..<count).count { _ in budget.take(for: address, host, now: now) }
  }

  @Test mutating func strangerGetsTwentyAtOnceAndTwentyASecondFromThenOn() {
    let start = 1_000 * Self.second
    #expect(taken(100, by: stranger, at: start) == 20)
    var later = 0
    for step in UInt64(1)...100 { later += taken(10, by: stranger, at: start + step * Self.second / 10) }
    #expect(later == 200)
    #expect(taken(100, by: stranger, at: start + 1_000 * Self.second) == 20)
  }

  @Test mutating func hostsDoNotTakeFromEachOther() {
    #expect(taken(100, by: stranger, at: 0) == 20)
    #expect(taken(100, by: IPAddress("192.0.2.2")!, at: 0) == 20)
    #expect(taken(600, by: stranger, .neighbour, at: 0) == 500)
  }

  @Test mutating func networkOfIPv6IsOneHost() {
    #expect(taken(15, by: IPAddress("2001:db8::1")!, at: 0) == 15)
    #expect(taken(15, by: IPAddress("2001:db8::ffff:2")!, at: 0) == 5)
    #expect(taken(15, by: IPAddress("2001:db8:0:1::1")!, at: 0) == 15)
  }

  @Test mutating func manyHostsAreBoundedInAll() {
    var all = 0
    for host in UInt32(0)..<100_000 where budget.take(for: .v4(host), .stranger, now: 0) { all += 1 }
    #expect(all <= 2_048 * 20)
    #expect(all > 2_000 * 20)
  }
}
