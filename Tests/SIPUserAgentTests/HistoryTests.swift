import SIPMessage
import Testing

@testable import SIPUserAgent

/// What is kept of the exchanges of an account, held against a plain list that says the same in few words.
@Suite struct HistoryTests {
  private struct PlainList {
    var outcomes: [Exchange.Outcome] = []

    private static let challenge = Exchange.Outcome.failed(.response(status: 401, reason: ""))

    mutating func note(_ outcome: Exchange.Outcome, isWhole: Bool) {
      let isOver = outcomes.allSatisfy { $0 == Self.challenge } || outcomes.last?.isAccepted == true
      if outcome.isAccepted, !isWhole, isOver {
        outcomes = []
        return
      }
      if outcomes.count == Exchange.kept { outcomes.remove(at: outcomes.firstIndex(of: Self.challenge) ?? 0) }
      outcomes.append(outcome)
    }
  }

  @Test(arguments: 0..<64) func whatIsKeptIsWhatAListWouldKeep(seed: Int) throws {
    var chance = Bench.Chance(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
    let way = Way(
      target: Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_0264), port: 5060)), local: Bench.local)
    var (history, list) = (History(), PlainList())
    // Some accounts are asked for credentials each time, others never, and some fail half the time.
    let (challenges, failures) = (seed % 4, seed / 4 % 4)
    for number in 0..<200 {
      let word = Int(chance.next() >> 40)
      let outcome: Exchange.Outcome =
        if word % 4 < challenges {
          .failed(.response(status: 401, reason: ""))
        } else if word / 4 % 6 < failures {
          .failed(word / 64 % 2 == 0 ? .timedOut : .response(status: 503, reason: ""))
        } else {
          .accepted(status: 200 + number % 3)
        }
      let sentAt = Instant(nanoseconds: UInt64(number))
      let isWhole = seed < 32
      history.note(outcome, over: way, sentAt: sentAt, roundTrip: nil, binding: nil, isWhole: isWhole)
      list.note(outcome, isWhole: isWhole)
      let kept = history.exchanges(binding: nil)
      #expect(kept.map(\.outcome) == list.outcomes)
      #expect(kept.map(\.sentAt) == kept.map(\.sentAt).sorted())
    }
  }
}
