import SIPMessage
import SIPUserAgent
import Testing

@testable import ShardCore

@Suite struct DeadlineHeapTests {
  private func instant(_ number: Int) -> Instant { Instant(nanoseconds: UInt64(number)) }
  private func timer(_ number: Int, _ kind: TimerID.Kind = .registration, generation: UInt32 = 0) -> TimerID {
    TimerID(kind: kind, slot: Int32(number), generation: generation)
  }

  @Test func timersComeUpInTheOrderOfTheirDeadlinesWhileItShrinks() {
    var heap = DeadlineHeap()
    let count = 20_000
    // Every deadline once, in a scattered order: 7,919 is prime.
    for step in 0..<count { heap.insert(timer(step * 7_919 % count), at: instant(step * 7_919 % count)) }
    var found: [Int32] = []
    while let timer = heap.popDue(now: instant(count)) { found.append(timer.slot) }
    #expect(found == (0..<Int32(count)).map { $0 })
    #expect(heap.capacity < 2_048)
  }

  @Test func whatIsNotDueStays() {
    var heap = DeadlineHeap()
    heap.insert(timer(1), at: instant(10))
    #expect(heap.popDue(now: instant(9)) == nil)
    #expect(heap.first?.deadline == instant(10))
  }

  @Test func takingOutWhatIsStaleKeepsTheOrderAndGivesRoomBack() {
    var heap = DeadlineHeap()
    for number in (0..<20_000).reversed() { heap.insert(timer(number, .clientTransaction), at: instant(number)) }
    for _ in 0..<40 { heap.removeStale(among: 1_000) { $0.slot % 1_000 == 0 } }
    #expect(heap.count == 20)
    #expect(heap.capacity < 2_048)
    #expect((0..<20).map { _ in heap.popDue(now: instant(20_000))?.slot } == (0..<20).map { $0 * 1_000 })
    #expect(heap.count == 0)
  }

  @Test func ofTheTimersOfAnAccountTheLatestStaysUntilItIsGone() {
    var heap = DeadlineHeap()
    for generation in UInt32(0)..<300 {
      for number in 0..<10 {
        let deadline = instant(1_000_000 - 10 * Int(generation) - number)
        heap.insert(timer(number, generation: generation), at: deadline)
      }
    }
    func removeStale() {
      for _ in 0..<40 { heap.removeStale(among: 1_000) { _ in false } }
    }
    removeStale()
    // One more of each: of the generation 256 before only the last byte is looked at.
    #expect(heap.count == 20)
    heap.forget(3)
    removeStale()
    #expect(heap.count == 18)
    heap.insert(timer(3, generation: 7), at: instant(1))
    removeStale()
    #expect(heap.count == 19)
    #expect(heap.popDue(now: instant(1)) == timer(3, generation: 7))
  }
}
