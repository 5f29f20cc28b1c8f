import SIPTransaction
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
    #expect(line.first == 3)
    #expect(line.removeAll() == [3, 1, 2, 4])
  }

  @Test func witnessesTakeTurnsAndStrangersDoNotAskWhileThereAreAny() {
    var line = WaitingLine()
    line.append(1, end: Self.end(10), isWitness: true, hasAsked: false)
    line.append(2, end: nil, isWitness: true, hasAsked: false)
    line.append(3, end: nil, isWitness: false, hasAsked: false)
    var asked: [Int32] = []
    for _ in 0..<4 {
      guard let slot = line.popFirst() else { break }
      asked.append(slot)
      line.append(slot, end: slot == 1 ? Self.end(10) : nil, isWitness: true, hasAsked: true)
    }
    #expect(asked == [1, 2, 1, 2])
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
