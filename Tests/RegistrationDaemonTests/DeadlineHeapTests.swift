import SIPTransaction
import SIPUserAgent
import Testing

@testable import RegistrationDaemon

@Suite struct DeadlineHeapTests {
  private func instant(_ number: Int) -> Instant { Instant(nanoseconds: UInt64(number)) }
  private func timer(_ number: Int) -> TimerID {
    TimerID(kind: .registration, slot: Int32(number), generation: 0)
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
    for number in (0..<20_000).reversed() { heap.insert(timer(number), at: instant(number)) }
    for _ in 0..<40 { heap.removeStale(among: 1_000) { $0.slot % 1_000 == 0 } }
    #expect(heap.count == 20)
    #expect(heap.capacity < 2_048)
    #expect((0..<20).map { _ in heap.popDue(now: instant(20_000))?.slot } == (0..<20).map { $0 * 1_000 })
    #expect(heap.count == 0)
  }
}
