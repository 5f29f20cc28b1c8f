import SIPUserAgent
import Testing

@testable import RegistrationDaemon

@Suite struct DirectoryTests {
  private func place(_ number: Int) -> Directory.Place { .init(shard: number % 3, id: AccountID(index: number)) }

  /// Whatever comes and goes, it says what a dictionary says.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func itFindsWhatADictionaryFinds(seed: UInt64) {
    var state = seed
    func chance(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    var directory = Directory()
    var model: [String: Directory.Place] = [:]
    for number in 0..<20_000 {
      let name = "user\(chance(700))"
      if chance(5) < 3 {
        directory.insert(name, place(number))
        model[name] = place(number)
      } else {
        #expect(directory.remove(name) == model.removeValue(forKey: name))
      }
    }
    #expect(directory.count == model.count)
    #expect(!model.isEmpty)
    for number in 0..<700 { #expect(directory["user\(number)"] == model["user\(number)"]) }
    #expect(Dictionary(uniqueKeysWithValues: directory.all.map { ($0.name, $0.place) }) == model)
    #expect(directory.entries(after: nil, limit: 1_000).map(\.name) == model.keys.sorted())
  }

  @Test func partsOfItMakeUpTheWhole() {
    var directory = Directory()
    for number in 0..<100 { directory.insert("user\(number)", place(number)) }
    for number in stride(from: 0, to: 100, by: 3) { _ = directory.remove("user\(number)") }
    let parts = stride(from: 0, to: directory.positions.count, by: 7).flatMap { directory.places(at: $0..<$0 + 7) }
    #expect(parts.map(\.id) == (0..<100).filter { $0 % 3 != 0 }.map { AccountID(index: $0) })
  }

  @Test func pagesFollowOneAnother() {
    var directory = Directory()
    directory.reserve(5)
    for (number, name) in ["d", "b", "a", "e", "c"].enumerated() { directory.insert(name, place(number)) }
    #expect(directory.entries(after: nil, limit: 2).map(\.name) == ["a", "b"])
    #expect(directory.entries(after: "b", limit: 2).map(\.name) == ["c", "d"])
    #expect(directory.entries(after: "bb", limit: 9).map(\.name) == ["c", "d", "e"])
    #expect(directory.entries(after: "e", limit: 2).isEmpty)
  }

  @Test func aNewNameFindsItsWayIntoTheOrder() {
    var directory = Directory()
    for name in ["a", "c"] { directory.insert(name, place(0)) }
    _ = directory.entries(after: nil, limit: 9)
    directory.insert("b", place(1))
    #expect(directory.entries(after: nil, limit: 9).map(\.name) == ["a", "b", "c"])
    _ = directory.remove("a")
    #expect(directory.entries(after: nil, limit: 9).map(\.name) == ["b", "c"])
  }

  @Test func everyShardGetsItsShare() {
    var shares = [0, 0, 0, 0]
    for number in 0..<10_000 { shares[Directory.shard(of: "user\(number)", among: 4)] += 1 }
    for share in shares { #expect((2_000...3_000).contains(share)) }
  }
}
