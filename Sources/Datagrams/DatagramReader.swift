import CDatagram
import Glibc

/// The room into which one call of recvmmsg(2) reads many datagrams.
///
/// Those of one size that came from one sender at a time lie in one slot, one behind the other (UDP_GRO).
///
/// Each has room for the largest there is, so none is cut off. What nearly all of them need lies close together; the
/// rest is memory that the system has promised and, as long as nobody writes there, not given.
package struct DatagramReader: ~Copyable {
  /// Slots that one call fills, and datagrams that are best handed on together.
  package static let capacity = 64
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
  /// Where the next datagram begins.
  private var slot = 0
  private var offset = 0
  /// Of the slot: how long its datagrams are, and from whom.
  private var part = 0
  private var source = DatagramAddress.v4(0, port: 0)
  /// Datagrams of this read that `next` has given or dropped.
  package private(set) var arrived = 0
  /// Those that were cut off or came from nobody, since the reader was made.
  package private(set) var dropped = (datagrams: 0, bytes: 0)

  package init() {
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
  package mutating func read(from socket: DatagramSocket) {
    for slot in 0..<Self.capacity {
      slots[slot].name_size = UInt32(Self.nameSize)
      slots[slot].control_size = MemoryLayout<datagram_control>.size
    }
    var count: Int
    repeat {
      count = Int(datagrams_receive(socket.descriptor, slots, UInt32(Self.capacity)))
    } while count < 0 && errno == EINTR
    (slot, offset, filled, arrived) = (0, 0, max(count, 0), 0)
  }

  /// The next datagram among those that came; nil: that was all.
  package mutating func next() -> (bytes: [UInt8], source: DatagramAddress)? {
    while slot < filled {
      let size = Int(slots[slot].size)
      if offset == 0, !begin(size) { continue }
      let range = offset..<min(offset + part, size)
      let bytes = bytes(range)
      offset = range.upperBound
      if offset >= size { (slot, offset) = (slot + 1, 0) }
      arrived += 1
      return (bytes, source)
    }
    return nil
  }

  /// Looks at a slot; false: what is in it was cut off, or came from nobody, and is dropped.
  private mutating func begin(_ size: Int) -> Bool {
    guard size < Self.headSize + Self.tailSize, let source = DatagramAddress(UnsafeRawPointer(names + slot)) else {
      arrived += 1
      dropped.datagrams += 1
      dropped.bytes += size
      slot += 1
      return false
    }
    self.source = source
    let joined = Int(datagram_joined(slots + slot))
    part = joined > 0 ? joined : size
    return true
  }

  /// About how many `next` will give, at most `capacity`; 0: none.
  package var expected: Int {
    guard slot < filled else { return 0 }
    return offset > 0 || datagram_joined(slots + slot) > 0 ? Self.capacity : filled - slot
  }

  /// An array of bytes that are there costs a fifth of one that is made and then filled.
  private func bytes(_ range: Range<Int>) -> [UInt8] {
    let head = heads + slot * Self.headSize
    let tail = tails + slot * Self.tailSize
    if range.upperBound <= Self.headSize { return Self.array(head + range.lowerBound, range.count) }
    if range.lowerBound >= Self.headSize { return Self.array(tail + range.lowerBound - Self.headSize, range.count) }
    let count = Self.headSize - range.lowerBound
    return Self.array(head + range.lowerBound, count) + UnsafeRawBufferPointer(start: tail, count: range.count - count)
  }

  private static func array(_ start: UnsafeMutableRawPointer, _ count: Int) -> [UInt8] {
    Array(UnsafeRawBufferPointer(start: start, count: count))
  }
}
