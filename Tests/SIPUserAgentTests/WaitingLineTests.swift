import SIPMessage
import Testing

@testable import SIPUserAgent

/// Who comes first of those that wait for a destination.
@Suite struct WaitingLineTests {
  static func end(_ seconds: UInt64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test func whoseBindingEndsSoonestComesFirstThenWitnessesThenStrangers() {
    var line = WaitingLine()
    line.append(1, end: nil, isWitness: false, hasAsked: false)
    line.append(2, end: nil, isWitness: true, hasAsked: false)
    line.append(3, end: Self.end(90), isWitness: true, hasAsked: false)
    line.append(4, end: Self.end(30), isWitness: true, hasAsked: false)
    #expect(line.soonestEnd == Self.end(30))
    #expect(line.removeAll() == [4, 3, 2, 1])
    #expect(line.isEmpty)
    #expect(line.soonestEnd == nil)
  }

  @Test func whoHasAskedComesAfterTheOthersOfItsKindAndStrangersAfterAllWitnesses() {
    var line = WaitingLine()
    line.append(1, end: Self.end(10), isWitness: true, hasAsked: true)
    line.append(2, end: nil, isWitness: false, hasAsked: false)
    line.append(3, end: Self.end(20), isWitness: true, hasAsked: false)
    line.append(4, end: nil, isWitness: false, hasAsked: true)
    #expect(line.asker == 3)
    #expect(line.removeAll() == [3, 1, 2, 4])
  }

  /// Who asks, of so many witnesses and strangers, when nobody gets an answer.
  static func askers(witnesses: Int32, strangers: Int32, questions: Int) -> [Int32] {
    var line = WaitingLine()
    for slot in 0..<witnesses { line.append(slot, end: end(UInt64(slot) + 10), isWitness: true, hasAsked: false) }
    for slot in witnesses..<witnesses + strangers { line.append(slot, end: nil, isWitness: false, hasAsked: false) }
    var asked: [Int32] = []
    for _ in 0..<questions {
      let expected = line.asker
      guard let slot = line.popAsker() else { break }
      #expect(slot == expected)
      asked.append(slot)
      line.begins(questionOfWitness: slot < witnesses)
      line.append(
        slot, end: slot < witnesses ? end(UInt64(slot) + 10) : nil, isWitness: slot < witnesses, hasAsked: true)
    }
    return asked
  }

  @Test(
    arguments: [
      (0, 2, 4, [0, 1, 0, 1]), (1, 1, 4, [0, 1, 0, 1]), (2, 1, 6, [0, 1, 2, 0, 1, 2]),
      (5, 1, 8, [0, 1, 2, 5, 3, 4, 5, 0]), (3, 0, 4, [0, 1, 2, 0]),
    ] as [(Int32, Int32, Int, [Int32])])
  func witnessesTakeTurnsAndNowAndThenAStrangerAsks(
    witnesses: Int32, strangers: Int32, questions: Int, order: [Int32]
  ) {
    #expect(Self.askers(witnesses: witnesses, strangers: strangers, questions: questions) == order)
  }

  @Test func whoHasNotAskedIsToldFromWhoHas() {
    var line = WaitingLine()
    line.append(1, end: Self.end(10), isWitness: true, hasAsked: true)
    line.append(2, end: nil, isWitness: false, hasAsked: false)
    #expect(line.hasFresh)
    #expect(line.popFresh() == 2)
    #expect(line.popFresh() == nil)
    #expect(!line.hasFresh)
    #expect(line.count == 1)
    #expect(line.popFirst() == 1)
    #expect(line.popFirst() == nil)
  }

  @Test func strangersDoNotComeInTheOrderOfTheFile() {
    var line = WaitingLine()
    for slot in 0..<1000 as Range<Int32> { line.append(slot, end: nil, isWitness: false, hasAsked: false) }
    let order = line.removeAll()
    #expect(order.sorted() == Array(0..<1000))
    // Of the first 32 at least half are not among the first 500.
    #expect(order.prefix(32).count { $0 >= 500 } >= 8)
    #expect(order.prefix(32).count { $0 < 500 } >= 8)
  }

  @Test func aLineForgetsNobody() {
    var line = WaitingLine()
    for slot in 0..<5000 as Range<Int32> {
      line.append(slot, end: Self.end(UInt64(slot &* 7919 % 5000)), isWitness: true, hasAsked: false)
    }
    let order = line.removeAll()
    #expect(order.map { $0 &* 7919 % 5000 } == Array(0..<5000))
  }

  @Test func aLineOfSlotsForgetsNobody() {
    var line = SlotLine()
    for slot in 0..<5000 as Range<Int32> { line.append(slot) }
    for slot in 0..<3000 as Range<Int32> { #expect(line.popFirst() == slot) }
    #expect(line.popLast() == 4999)
    #expect(line.count == 1999)
    #expect(line.removeAll() == Array(3000..<4999))
    #expect(line.popFirst() == nil)
  }
}
