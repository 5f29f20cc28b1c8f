import Datagrams
import SIPMessage

extension DatagramReader {
  /// The next messages among the datagrams that came, `capacity` at most; none: that was all.
  mutating func messages(countedBy counters: CounterStore) -> [TransportEvent] {
    var events: [TransportEvent] = []
    events.reserveCapacity(expected)
    var seen = TransportCounters()
    let droppedBefore = dropped
    while events.count < Self.capacity, let (bytes, source) = next() {
      seen.datagramsIn += 1
      seen.bytesIn += UInt64(bytes.count)
      if Self.isKeepAlive(bytes) {
        seen.keepAlivesIn += 1
      } else if BindingAnswer.isSTUN(bytes) {
        seen.keepAlivesIn += 1
        guard let answer = BindingAnswer(parsing: bytes) else { continue }
        events.append(.bindingAnswered(answer, Flow(target: Target(transport: .udp, endpoint: Endpoint(source)))))
      } else {
        events.append(.received(bytes, Flow(target: Target(transport: .udp, endpoint: Endpoint(source)))))
      }
    }
    let dropped = (
      datagrams: UInt64(dropped.datagrams - droppedBefore.datagrams), bytes: UInt64(dropped.bytes - droppedBefore.bytes)
    )
    seen.datagramsIn += dropped.datagrams
    seen.datagramsDropped += dropped.datagrams
    seen.bytesIn += dropped.bytes
    counters.update { $0.add(seen) }
    return events
  }

  /// Nothing but line ends (RFC 5626 §3.5.1) or the zero bytes that some proxies send to hold a NAT binding open.
  private static func isKeepAlive(_ message: [UInt8]) -> Bool {
    message.count <= longestKeepAlive && message.allSatisfy { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
  }

  private static let longestKeepAlive = 2_048
}
