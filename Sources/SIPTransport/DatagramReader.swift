import CDatagram
import Glibc
import SIPMessage

/// The room into which one call of recvmmsg(2) reads many datagrams. For one thread at a time.
///
/// Each has room for the largest there is, so none is cut off. What nearly all of them need lies close together; the
/// rest is memory that the system has promised and, as long as nobody writes there, not given.
final class DatagramReader {
  /// Datagrams that one call takes.
  static let capacity = 64
  /// What a datagram of usual size fits into.
  private static let headSize = 2_048
  /// Together with the head above the largest payload of UDP, 65,527: a datagram that fills both was cut off.
  private static let tailSize = 65_536 - headSize
  private static let nameSize = MemoryLayout<sockaddr_in6>.size

  private let slots: UnsafeMutablePointer<datagram_slot>
  private let parts: UnsafeMutablePointer<datagram_part>
  private let names: UnsafeMutablePointer<sockaddr_in6>
  private let heads: UnsafeMutableRawPointer
  private let tails: UnsafeMutableRawPointer

  init() {
    slots = .allocate(capacity: Self.capacity)
    parts = .allocate(capacity: Self.capacity * 2)
    names = .allocate(capacity: Self.capacity)
    heads = .allocate(byteCount: Self.capacity * Self.headSize, alignment: 64)
    tails = .allocate(byteCount: Self.capacity * Self.tailSize, alignment: 64)
    names.initialize(repeating: sockaddr_in6(), count: Self.capacity)
    for slot in 0..<Self.capacity {
      parts[slot * 2] = datagram_part(base: heads + slot * Self.headSize, size: Self.headSize)
      parts[slot * 2 + 1] = datagram_part(base: tails + slot * Self.tailSize, size: Self.tailSize)
      slots[slot] = datagram_slot()
      slots[slot].name = UnsafeMutableRawPointer(names + slot)
      slots[slot].parts = parts + slot * 2
      slots[slot].part_count = 2
    }
  }

  deinit {
    slots.deallocate()
    parts.deallocate()
    names.deallocate()
    heads.deallocate()
    tails.deallocate()
  }

  /// Waits for datagrams: the messages among those that came.
  func read(from socket: DatagramSocket, counting counters: inout TransportCounters) -> [TransportEvent] {
    for slot in 0..<Self.capacity { slots[slot].name_size = UInt32(Self.nameSize) }
    var count: Int
    repeat {
      count = Int(datagrams_receive(socket.descriptor, slots, UInt32(Self.capacity)))
    } while count < 0 && errno == EINTR
    guard count > 0 else { return [] }
    var events: [TransportEvent] = []
    events.reserveCapacity(count)
    counters.datagramsIn += UInt64(count)
    for slot in 0..<count {
      let size = Int(slots[slot].size)
      counters.bytesIn += UInt64(size)
      guard size < Self.headSize + Self.tailSize, let peer = Endpoint(UnsafeRawPointer(names + slot)) else {
        counters.datagramsDropped += 1
        continue
      }
      guard !isKeepAlive(slot, size) else {
        counters.keepAlivesIn += 1
        continue
      }
      events.append(.received(bytes(of: slot, size), Flow(target: Target(transport: .udp, endpoint: peer))))
    }
    return events
  }

  private func bytes(of slot: Int, _ size: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
      guard let base = bytes.baseAddress else { return }
      let head = min(size, Self.headSize)
      memcpy(base, heads + slot * Self.headSize, head)
      if size > head { memcpy(base + head, tails + slot * Self.tailSize, size - head) }
      count = size
    }
  }

  /// Nothing but line ends (RFC 5626 §3.5.1) or the zero bytes that some proxies send to hold a NAT binding open.
  private func isKeepAlive(_ slot: Int, _ size: Int) -> Bool {
    guard size <= Self.headSize else { return false }
    return UnsafeRawBufferPointer(start: heads + slot * Self.headSize, count: size)
      .allSatisfy { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
  }
}
