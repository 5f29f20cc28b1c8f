import NIOCore
import Testing

@testable import SIPTransport

@Suite struct UnusedPortsTests {
  private let delay = TimeAmount.seconds(32)

  private func at(_ second: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(second) }

  @Test func aPortGoesWhenItWasUnusedAllTheTime() {
    var ports = UnusedPorts<Int>()
    ports.note([1], now: at(0))
    #expect(ports.take(unusedFor: delay, now: at(31)) == [])
    #expect(ports.take(unusedFor: delay, now: at(32)) == [1])
    #expect(ports.isEmpty)
  }

  @Test func anotherReloadDoesNotHurryIt() {
    var ports = UnusedPorts<Int>()
    ports.note([1], now: at(0))
    ports.note([1, 2], now: at(31))
    #expect(ports.take(unusedFor: delay, now: at(32)) == [1])
    #expect(ports.take(unusedFor: delay, now: at(62)) == [])
    #expect(ports.take(unusedFor: delay, now: at(63)) == [2])
  }

  @Test func whatIsNamedAgainStays() {
    var ports = UnusedPorts<Int>()
    ports.note([1], now: at(0))
    ports.note([], now: at(10))
    #expect(ports.take(unusedFor: delay, now: at(40)) == [])
    ports.note([1], now: at(50))
    #expect(ports.take(unusedFor: delay, now: at(81)) == [])
    #expect(ports.take(unusedFor: delay, now: at(82)) == [1])
  }
}
