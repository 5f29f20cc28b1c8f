import CDatagram
import Glibc

/// The room from which one call of sendmmsg(2) sends many datagrams.
///
/// Neighbours of one size to one address go down to the device as one, where they part again (UDP_SEGMENT): most of what
/// a datagram costs is the way there. The peer sees no difference.
///
/// Every datagram has an errno of its own: one address without a route (ENETUNREACH) or behind a packet filter (EPERM)
/// must not stand in the way of all others. Joined ones that do not leave as one, since the path is too narrow or a device
/// unable, are sent again one by one, and for a while so is all that goes there (`JoinRefusals`).
package struct DatagramWriter: ~Copyable {
  /// Datagrams that one call sends; the system joins no more.
  private static let capacity = 64
  /// The largest payload of UDP over IPv6; IPv4 has 20 bytes less.
  private static let largest = 65_527
  /// Over IPv4, too.
  private static let largestJoined = largest - 20
  /// Larger ones may not fit a path's MTU, and then could not be joined: 200 bytes below that of Ethernet.
  private static let largestPart = 1_300
  /// Room for as many datagrams of usual size, and for a single one of any.
  private static let room = 2 * largest

  private let slots: UnsafeMutablePointer<datagram_slot>
  private let parts: UnsafeMutablePointer<datagram_part>
  private let names: UnsafeMutablePointer<sockaddr_in6>
  private let orders: UnsafeMutablePointer<datagram_order>
  /// How many datagrams are in each slot.
  private let counts: UnsafeMutablePointer<Int>
  private let bytes: UnsafeMutableRawPointer
  /// Datagrams that were copied, the slots they take, and their bytes.
  private var added = 0
  private var filled = 0
  private var used = 0
  /// What the next datagram may join: the address, the origin and the size of those in the last slot.
  private var open: (address: DatagramAddress, origin: DatagramOrigin?, size: Int)?
  /// Whether the socket takes joined ones.
  private var isJoining = false
  private var refusals = JoinRefusals()

  package init() {
    slots = .allocate(capacity: Self.capacity)
    parts = .allocate(capacity: Self.capacity)
    names = .allocate(capacity: Self.capacity)
    orders = .allocate(capacity: Self.capacity)
    counts = .allocate(capacity: Self.capacity)
    bytes = .allocate(byteCount: Self.room, alignment: 64)
    parts.initialize(repeating: datagram_part(), count: Self.capacity)
    names.initialize(repeating: sockaddr_in6(), count: Self.capacity)
    orders.initialize(repeating: datagram_order(), count: Self.capacity)
    counts.initialize(repeating: 0, count: Self.capacity)
    for slot in 0..<Self.capacity {
      slots[slot] = datagram_slot()
      slots[slot].name = UnsafeMutableRawPointer(names + slot)
      slots[slot].parts = parts + slot
      slots[slot].part_count = 1
    }
  }

  deinit {
    slots.deallocate()
    parts.deallocate()
    names.deallocate()
    orders.deallocate()
    counts.deallocate()
    bytes.deallocate()
  }

  /// What became of a batch.
  package struct Outcome {
    /// Datagrams that left or failed; the socket did not take the next one, as long as there is one.
    package var done = 0
    package var sent = 0
    package var bytes = 0
    /// By their places in the batch.
    package var failures: [(index: Int, error: DatagramError)] = []

    fileprivate mutating func fail(_ code: CInt) {
      failures.append((done, DatagramError(code: code)))
      done += 1
    }
  }

  /// Sends until the socket takes no more.
  ///
  /// - Parameter add: adds the datagram with this place in the batch, and answers as `add` does
  package mutating func write(
    _ count: Int, to socket: DatagramSocket, _ add: (inout DatagramWriter, Int) -> Bool
  ) -> Outcome {
    var outcome = Outcome()
    while outcome.done < count {
      begin(joining: socket.joins)
      for index in outcome.done..<count { guard add(&self, index) else { break } }
      guard flush(to: socket, &outcome) else { break }
    }
    return outcome
  }

  // MARK: Copying

  private mutating func begin(joining: Bool) { (added, filled, used, open, isJoining) = (0, 0, 0, nil, joining) }

  /// Copies a datagram. - Returns: false when there is no room for it in this call of the system
  ///
  /// - Parameter origin: nil: as the socket and the routes of the host say
  package mutating func add(
    _ source: [UInt8], to address: DatagramAddress, from origin: DatagramOrigin? = nil
  ) -> Bool {
    let size = source.count
    guard added < Self.capacity, size <= Self.largest, used + size <= Self.room else { return false }
    source.withUnsafeBytes { if let base = $0.baseAddress { memcpy(bytes + used, base, size) } }
    if let group = open, group.address == address, group.origin === origin, size > 0, size <= group.size,
      parts[filled - 1].size + size <= Self.largestJoined
    {
      join(filled - 1, size, after: group)
      if size < group.size { open = nil }
    } else {
      begin(filled, at: bytes + used, size, to: address, from: origin)
      filled += 1
      open = isJoining && size <= Self.largestPart && !refusals.takesAlone(address) ? (address, origin, size) : nil
    }
    used += size
    added += 1
    return true
  }

  private func begin(
    _ slot: Int, at base: UnsafeMutableRawPointer, _ size: Int, to address: DatagramAddress,
    from origin: DatagramOrigin?
  ) {
    parts[slot] = datagram_part(base: base, size: size)
    counts[slot] = 1
    slots[slot].name_size = address.store(at: UnsafeMutableRawPointer(names + slot))
    order(slot, address, origin, 0)
  }

  private func join(
    _ slot: Int, _ size: Int, after first: (address: DatagramAddress, origin: DatagramOrigin?, size: Int)
  ) {
    if counts[slot] == 1 { order(slot, first.address, first.origin, UInt16(first.size)) }
    parts[slot].size += size
    counts[slot] += 1
  }

  private func order(_ slot: Int, _ address: DatagramAddress, _ origin: DatagramOrigin?, _ size: UInt16) {
    let isV6: Int32 = address.isV6 ? 1 : 0
    guard let origin else { return datagram_set_order(slots + slot, orders + slot, isV6, nil, size) }
    withUnsafePointer(to: origin.origin) { datagram_set_order(slots + slot, orders + slot, isV6, $0, size) }
  }

  // MARK: Sending

  /// Sends what has been copied, until some that were joined must part; false: the socket takes no more.
  private mutating func flush(to socket: DatagramSocket, _ outcome: inout Outcome) -> Bool {
    // Not even alone: it is larger than any datagram.
    if filled == 0 { outcome.fail(EMSGSIZE) }
    var slot = 0
    while slot < filled {
      let sent = Int(datagrams_send(socket.descriptor, slots + slot, UInt32(filled - slot)))
      switch sent > 0 ? 0 : errno {
      case 0:
        for slot in slot..<slot + sent {
          outcome.bytes += parts[slot].size
          outcome.sent += counts[slot]
          outcome.done += counts[slot]
        }
        slot += sent
      case EINTR: continue
      case EAGAIN: return false
      case let code:
        guard counts[slot] == 1 else {
          if let address = DatagramAddress(UnsafeRawPointer(names + slot)) { refusals.insert(address) }
          return true
        }
        outcome.fail(code)
        slot += 1
      }
    }
    return true
  }
}
