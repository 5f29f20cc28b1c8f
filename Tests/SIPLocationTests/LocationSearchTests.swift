import SIPLocation
import SIPMessage
import Testing

/// RFC 3263 §4 without a name server.
@Suite struct LocationSearchTests {
  @Test(arguments: LocationDecision.rows) func everyDecisionIsAsInTheTable(_ row: LocationDecision) throws {
    var zone = Zone(row.zone)
    var chance = Seeded(1)
    let trace = try zone.run(URI(row.uri), chance: &chance)
    #expect(zone.asked.map(\.words) == row.asks)
    switch trace.outcome {
    case .found(let places)?: #expect(places.map(\.description).joined(separator: " ") == row.order)
    case .failed(let words)?: #expect(words == row.order)
    case nil: Issue.record("it has no end")
    }
    // Each question is a step of what is explained.
    #expect(Set(trace.steps.map(\.question)) == Set(zone.asked))
  }

  @Test func theTableHasThirtyRowsAndNoneTwice() {
    #expect(LocationDecision.rows.count >= 30)
    #expect(Set(LocationDecision.rows.map(\.name)).count == LocationDecision.rows.count)
  }

  /// Where every server has an address of its own.
  private func zone(_ records: [(priority: Int, weight: Int)]) -> Zone {
    Zone(
      records.enumerated().flatMap { index, record in
        [
          "_sip._udp.example.com SRV \(record.priority) \(record.weight) 5060 s\(index).example.com",
          "s\(index).example.com A 192.0.2.\(index + 1)",
        ]
      })
  }

  private func places(_ zone: Zone, chance: inout some RandomNumberGenerator) throws -> [Candidate] {
    var zone = zone
    let trace = try zone.run(URI("sip:example.com;transport=udp"), chance: &chance)
    guard case .found(let places)? = trace.outcome else { return [] }
    return places
  }

  @Test(arguments: [[60, 40], [1, 3], [1, 1, 1, 1], [65_535, 1], [10, 0], [0, 0], [70, 20, 10], [5, 5, 90, 0]])
  func weightsComeOutWithinThreePercentOverTenThousandDraws(_ weights: [Int]) throws {
    let zone = zone(weights.map { (10, $0) })
    let draws = 10_000
    var first = [Int](repeating: 0, count: weights.count)
    var second = first
    var chance = Seeded(42)
    for _ in 0..<draws {
      let order = try places(zone, chance: &chance).map { place -> Int in
        guard case .v4(let address) = place.endpoint.address else { return 0 }
        return Int(address & 0xFF) - 1
      }
      #expect(order.sorted() == Array(weights.indices))
      first[order[0]] += 1
      second[order[1]] += 1
    }
    // A weight of 0 has what one of 1 in a thousand would.
    let parts = weights.map { $0 > 0 ? Double($0) : weights.allSatisfy { $0 == 0 } ? 1 : 0.001 }
    let total = parts.reduce(0, +)
    for index in weights.indices {
      let share = parts[index] / total
      #expect(abs(Double(first[index]) / Double(draws) - share) < 0.03, "\(first)")
      let behind = parts.indices.filter { $0 != index }.reduce(0.0) {
        $0 + parts[$1] / total * parts[index] / (total - parts[$1])
      }
      #expect(abs(Double(second[index]) / Double(draws) - behind) < 0.03, "\(second)")
    }
  }

  @Test func aLowerPriorityComesFirstWhateverTheWeights() throws {
    let zone = zone([(20, 65_535), (10, 0), (20, 0), (10, 1)])
    var chance = Seeded(7)
    for _ in 0..<100 {
      let hosts = try places(zone, chance: &chance).map(\.description)
      #expect(Set(hosts.prefix(2)) == ["udp:192.0.2.2:5060", "udp:192.0.2.4:5060"])
    }
  }

  @Test func ofManyServersSixteenAreAskedForAndTried() throws {
    var zone = zone((0..<200).map { (10, $0) })
    var chance = Seeded(3)
    let trace = try zone.run(URI("sip:example.com;transport=udp"), chance: &chance)
    #expect(zone.asked.count == 2 + LocationSearch.Limits.servers)
    guard case .found(let places)? = trace.outcome else {
      Issue.record("\(trace)")
      return
    }
    #expect(places.count == LocationSearch.Limits.places)
  }

  @Test func ofServersWithManyAddressesEachHasItsShare() throws {
    let many = (1...16).flatMap { ["s1.example.com A 192.0.2.\($0)", "s2.example.com A 198.51.100.\($0)"] }
    let servers = [
      "_sip._udp.example.com SRV 1 0 5060 s1.example.com", "_sip._udp.example.com SRV 2 0 5060 s2.example.com",
    ]
    var chance = Seeded(3)
    let places = try places(Zone(many + servers), chance: &chance).map(\.description)
    #expect(places.count == 16)
    #expect(places[7] == "udp:192.0.2.8:5060")
    #expect(places[8] == "udp:198.51.100.1:5060")
  }

  @Test func anAnswerThatNobodyAskedForChangesNothing() throws {
    var search = LocationSearch(try LocationQuery(URI("sip:example.com:5060")))
    var chance = Seeded(1)
    #expect(search.begin() == .ask([.addresses("example.com", port: 5060)]))
    let answer = NameAnswer.success(Resolution(addresses: [.v4(0xC000_0201)], expiry: .seconds(60)))
    #expect(search.answered(.addresses("example.org", port: 5060), answer, chance: &chance) == .wait)
    #expect(search.roundPassed(chance: &chance) == .wait)
    #expect(search.answered(.addresses("example.com", port: 5060), answer, chance: &chance) == .end)
    #expect(search.answered(.addresses("example.com", port: 5060), answer, chance: &chance) == .end)
    #expect(search.timePassed(chance: &chance) == .end)
    #expect(search.trace.steps.count == 1)
  }

  @Test func aSearchWhoseTimeIsOverAsksNothingMore() throws {
    var search = LocationSearch(try LocationQuery(URI("sip:example.com")))
    var chance = Seeded(1)
    _ = search.begin()
    let absent = NameAnswer.failure(ResolutionFailure(name: "example.com", kind: .noRecord))
    #expect(search.answered(.hosts("example.com"), absent, chance: &chance) == .ask([.pointers("example.com")]))
    #expect(search.timePassed(chance: &chance) == .end)
    #expect(search.trace.outcome == .failed("can not resolve example.com: no name server answered in time"))
  }
}
