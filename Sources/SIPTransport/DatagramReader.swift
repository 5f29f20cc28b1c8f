import CDatagram
import Glibc
import SIPMessage

/// The room into which one call of recvmmsg(2) reads many datagrams. For one thread at a time.
///
/// Those of one size that came from one sender at a time lie in one slot, one behind the other (UDP_GRO).
///
/// Each has room for the largest there is, so none is cut off. What nearly all of them need lies close together; the
/// rest is memory that the system has promised and, as long as nobody writes there, not given.
final class DatagramReader {
  /// Slots that one call fills, and messages that are handed on together.
  static let capacity = 64
  /// What a datagram of usual size fits into.
  private static let headSize = 2_048
  /// Together with the head above the largest payload of UDP, 65,527: a datagram that fills both was cut off.
  private static let tailSize = 65_536 - headSize
  private static let nameSize = MemoryLayout<sockaddr_in6>.size

  private let slots: UnsafeMutablePointer<datagram_slot>
  private let parts: UnsafeMutablePointer<datagram_part>
  private let names: UnsafeMutablePointer<sockaddr_in6>
  private let controls: UnsafeMutablePointer<datagram_control>
  private let heads: UnsafeMutableRawPointer
  private let tails: UnsafeMutableRawPointer

  /// Slots that hold what came.
  private(set) var filled = 0
  /// Where the next message begins.
  private var slot = 0
  private var offset = 0

  init() {
    slots = .allocate(capacity: Self.capacity)
    parts = .allocate(capacity: Self.capacity * 2)
    names = .allocate(capacity: Self.capacity)
    controls = .allocate(capacity: Self.capacity)
    heads = .allocate(byteCount: Self.capacity * Self.headSize, alignment: 64)
    tails = .allocate(byteCount: Self.capacity * Self.tailSize, alignment: 64)
    names.initialize(repeating: sockaddr_in6(), count: Self.capacity)
    controls.initialize(repeating: datagram_control(), count: Self.capacity)
    for slot in 0..<Self.capacity {
      parts[slot * 2] = datagram_part(base: heads + slot * Self.headSize, size: Self.headSize)
      parts[slot * 2 + 1] = datagram_part(base: tails + slot * Self.tailSize, size: Self.tailSize)
      slots[slot] = datagram_slot()
      slots[slot].name = UnsafeMutableRawPointer(names + slot)
      slots[slot].parts = parts + slot * 2
      slots[slot].part_count = 2
      slots[slot].control = UnsafeMutableRawPointer(controls + slot)
    }
  }

  deinit {
    slots.deallocate()
    parts.deallocate()
    names.deallocate()
    controls.deallocate()
    heads.deallocate()
    tails.deallocate()
  }

  /// Waits for datagrams. An error brings none.
  func read(from socket: DatagramSocket) {
    for slot in 0..<Self.capacity {
      slots[slot].name_size = UInt32(Self.nameSize)
      slots[slot].control_size = MemoryLayout<datagram_control>.size
    }
    var count: Int
    repeat {
      count = Int(datagrams_receive(socket.descriptor, slots, UInt32(Self.capacity)))
    } while count < 0 && errno == EINTR
    (slot, offset, filled) = (0, 0, max(count, 0))
  }

  /// The next messages among those that came, `capacity` at most; none: that was all.
  func messages(counting counters: inout TransportCounters) -> [TransportEvent] {
    var events: [TransportEvent] = []
    while slot < filled, events.count < Self.capacity {
      let size = Int(slots[slot].size)
      guard size < Self.headSize + Self.tailSize, let peer = Endpoint(UnsafeRawPointer(names + slot)) else {
        counters.datagramsIn += 1
        counters.bytesIn += UInt64(size)
        counters.datagramsDropped += 1
        (slot, offset) = (slot + 1, 0)
        continue
      }
      let joined = Int(datagram_joined(slots + slot))
      if events.isEmpty { events.reserveCapacity(joined > 0 ? Self.capacity : filled - slot) }
      cut(joined > 0 ? joined : size, of: size, from: peer, into: &events, counting: &counters)
    }
    return events
  }

  /// Datagrams of one slot, until it or the room is used up.
  private func cut(
    _ part: Int, of size: Int, from peer: Endpoint, into events: inout [TransportEvent],
    counting counters: inout TransportCounters
  ) {
    let flow = Flow(target: Target(transport: .udp, endpoint: peer))
    repeat {
      let range = offset..<min(offset + part, size)
      offset = range.upperBound
      counters.datagramsIn += 1
      counters.bytesIn += UInt64(range.count)
      let message = bytes(range)
      if Self.isKeepAlive(message) { counters.keepAlivesIn += 1 } else { events.append(.received(message, flow)) }
    } while offset < size && events.count < Self.capacity
    if offset >= size { (slot, offset) = (slot + 1, 0) }
  }

  private func bytes(_ range: Range<Int>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: range.count) { bytes, count in
      count = range.count
      guard let base = bytes.baseAddress else { return }
      let head = range.clamped(to: 0..<Self.headSize)
      if !head.isEmpty { memcpy(base, heads + slot * Self.headSize + head.lowerBound, head.count) }
      guard head.count < count else { return }
      let tail = tails + slot * Self.tailSize + max(range.lowerBound - Self.headSize, 0)
      memcpy(base + head.count, tail, count - head.count)
    }
  }

  /// Nothing but line ends (RFC 5626 §3.5.1) or the zero bytes that some proxies send to hold a NAT binding open.
  private static func isKeepAlive(_ message: [UInt8]) -> Bool {
    message.count <= headSize && message.allSatisfy { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
  }
}
