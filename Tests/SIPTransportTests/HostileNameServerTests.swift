import NIOConcurrencyHelpers
import SIPLocation
import SIPMessage
import SIPTransport
import Testing

/// A name server, or whoever answers in its place, that means no good: every question has an end, and only a true answer
/// is believed.
@Suite(.timeLimit(.minutes(1))) struct HostileNameServerTests {
  /// The header and question of an answer to a query, with as many records announced.
  static func head(_ query: [UInt8], records: UInt16, id: [UInt8]? = nil) -> [UInt8] {
    let question = query[12...].prefix { $0 != 0 } + [0] + query.suffix(4)
    return (id ?? Array(query[..<2])) + [0x81, 0x80, 0, 1, UInt8(records >> 8), UInt8(records & 0xFF), 0, 0, 0, 0]
      + question
  }

  /// An A record of 192.0.2.`last` with this owner name, or with other data.
  static func record(owner: [UInt8], type: UInt8 = 1, last: UInt8 = 1, data: [UInt8]? = nil) -> [UInt8] {
    let data = data ?? [192, 0, 2, last]
    return owner + [0, type, 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
  }

  static func isForIPv4(_ query: [UInt8]) -> Bool { query[query.count - 3] == 1 }

  struct Trick: CustomTestStringConvertible {
    let testDescription: String
    let answer: @Sendable ([UInt8]) -> [UInt8]

    init(_ description: String, _ answer: @escaping @Sendable ([UInt8]) -> [UInt8]) {
      testDescription = description
      self.answer = answer
    }
  }

  static let tricks = [
    Trick("a name that points at itself") { query in
      let head = head(query, records: 1)
      return head + record(owner: [0xC0, UInt8(head.count)])
    },
    Trick("two names that point at each other") { query in
      let head = head(query, records: 1)
      return head + record(owner: [0xC0, UInt8(head.count + 2), 0xC0, UInt8(head.count)])
    },
    Trick("a name that grows with every turn") { query in
      let head = head(query, records: 1)
      return head + record(owner: [1, 0x61, 0xC0, UInt8(head.count)])
    },
    Trick("a pointer behind the end") { head($0, records: 1) + record(owner: [0xFF, 0xFF]) },
    Trick("a label longer than the message") { head($0, records: 1) + record(owner: [63, 0x61, 0]) },
    Trick("an alias that points at itself") { query in
      let head = head(query, records: 1)
      let place = UInt8(head.count + 12)
      return head + record(owner: [0xC0, 0x0C], type: 5, data: [0xC0, place])
    },
    Trick("65,535 records, and one of them") { head($0, records: .max) + record(owner: [0xC0, 0x0C]) },
    Trick("data longer than the message") { head($0, records: 1) + record(owner: [0xC0, 0x0C]).dropLast(2) },
    Trick("an address of three bytes") { head($0, records: 1) + record(owner: [0xC0, 0x0C], data: [192, 0, 2]) },
    Trick("another question") { query in
      var answer = head(query, records: 1) + record(owner: [0xC0, 0x0C])
      answer[13] ^= 1
      return answer
    },
    Trick("another number") { query in
      head(query, records: 1, id: [query[0] ^ 1, query[1]]) + record(owner: [0xC0, 0x0C])
    },
    Trick("nothing but a number") { Array($0[..<2]) },
    Trick("a query") { $0 },
  ]

  @Test(arguments: tricks) func aTrickEndsWithoutAnAddress(trick: Trick) async throws {
    let server = try await NameServer(["bad.example": .datagrams { [trick.answer($0)] }])
    let resolver = Resolver(nameServers: .listed([server.endpoint]), timeout: .milliseconds(100), tries: 1)
    let result = await resolver.result("bad.example")
    #expect((try? result.get()) == nil, "\(result)")
  }

  @Test func theTrueAnswerCountsAmongFalseOnesAndItsCopyDoesNot() async throws {
    let server = try await NameServer([
      "good.example": .datagrams { query in
        guard Self.isForIPv4(query) else { return [Self.head(query, records: 0)] }
        let good = Self.head(query, records: 1) + Self.record(owner: [0xC0, 0x0C])
        let other = Self.head(query, records: 1, id: [query[0], query[1] ^ 0xFF])
        let evil = Self.record(owner: [0xC0, 0x0C], last: 66)
        return [other + evil, Array(good[..<2]), good, good, Self.head(query, records: 1) + evil]
      }
    ])
    let resolver = Resolver(nameServers: .listed([server.endpoint]), timeout: .seconds(5), tries: 1)
    for _ in 0..<2 {
      #expect(try await resolver.result("good.example").get().addresses == [.v4(0xC000_0201)])
    }
  }

  /// What comes when nobody waits any more is not the answer to the next question.
  @Test func aLateAnswerIsNobodys() async throws {
    let first = NIOLockedValueBox<[UInt8]?>(nil)
    let server = try await NameServer([
      "late.example": .datagrams { query in
        guard Self.isForIPv4(query) else { return [] }
        first.withLockedValue { $0 = $0 ?? query }
        return []
      },
      "next.example": .datagrams { query in
        guard Self.isForIPv4(query), let late = first.withLockedValue({ $0 }) else {
          return [Self.head(query, records: 0)]
        }
        let evil = Self.head(late, records: 1) + Self.record(owner: [0xC0, 0x0C], last: 66)
        return [evil, Self.head(query, records: 1) + Self.record(owner: [0xC0, 0x0C])]
      },
    ])
    let resolver = Resolver(nameServers: .listed([server.endpoint]), timeout: .milliseconds(100), tries: 1)
    #expect((try? await resolver.result("late.example").get()) == nil)
    #expect(try await resolver.result("next.example").get().addresses == [.v4(0xC000_0201)])
    #expect((try? await resolver.result("late.example").get()) == nil)
  }

  @Test func ofManyAddressesTheFirstAreTaken() async throws {
    let addresses = (1...28).map { IPAddress.v4(0xC000_0200 + $0) }
    let server = try await NameServer(["many.example": .records(addresses, timeToLive: 60)])
    let resolver = Resolver(nameServers: .listed([server.endpoint]), timeout: .seconds(5), tries: 1)
    #expect(try await resolver.result("many.example").get().addresses.count == Resolution.maximumAddresses)
  }
}

extension Resolver {
  fileprivate func result(_ name: String) async -> Result<Resolution, ResolutionFailure> {
    await withCheckedContinuation { continuation in
      resolve(name, port: 5060) { continuation.resume(returning: $0) }
    }
  }
}
