import CDatagram
import Glibc
import SIPMessage

/// The room from which one call of sendmmsg(2) sends many datagrams. For one thread at a time.
///
/// Neighbours of one size to one target go down to the device as one, where they part again (UDP_SEGMENT): most of what
/// a datagram costs is the way there. The peer sees no difference.
///
/// Every message has an errno of its own: one target without a route (ENETUNREACH) or behind a packet filter (EPERM)
/// must not stand in the way of all others. Joined ones that do not leave as one, since the path is too narrow or a device
/// unable, are sent again one by one, and for a while so is all that goes there (`JoinRefusals`).
final class DatagramWriter {
  /// Datagrams that one call sends; the system joins no more.
  private static let batch = 64
  /// The largest payload of UDP over IPv6; IPv4 has 20 bytes less.
  private static let largest = 65_527
  /// Over IPv4, too.
  private static let largestJoined = largest - 20
  /// Larger ones may not fit a path's MTU (RFC 3261 §18.1.1), and then could not be joined.
  private static let largestPart = 1_300
  /// Room for as many messages of usual size, and for a single one of any.
  private static let room = 2 * largest

  private let slots: UnsafeMutablePointer<datagram_slot>
  private let parts: UnsafeMutablePointer<datagram_part>
  private let names: UnsafeMutablePointer<sockaddr_in6>
  private let controls: UnsafeMutablePointer<datagram_control>
  /// How many datagrams are in each slot.
  private let counts: UnsafeMutablePointer<Int>
  private let bytes: UnsafeMutableRawPointer
  private var refusals = JoinRefusals()

  init() {
    slots = .allocate(capacity: Self.batch)
    parts = .allocate(capacity: Self.batch)
    names = .allocate(capacity: Self.batch)
    controls = .allocate(capacity: Self.batch)
    counts = .allocate(capacity: Self.batch)
    bytes = .allocate(byteCount: Self.room, alignment: 64)
    parts.initialize(repeating: datagram_part(), count: Self.batch)
    names.initialize(repeating: sockaddr_in6(), count: Self.batch)
    controls.initialize(repeating: datagram_control(), count: Self.batch)
    counts.initialize(repeating: 0, count: Self.batch)
    for slot in 0..<Self.batch {
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
    controls.deallocate()
    counts.deallocate()
    bytes.deallocate()
  }

  /// What became of a batch.
  struct Outcome {
    /// Messages that left or failed; the socket did not take the next one, as long as there is one.
    var done = 0
    var sent: UInt64 = 0
    var bytes: UInt64 = 0
    var failures: [TransportEvent] = []
  }

  /// Sends until the socket takes no more.
  func write(_ batch: some RandomAccessCollection<Outbound>, to socket: DatagramSocket) -> Outcome {
    var outcome = Outcome()
    while outcome.done < batch.count {
      let rest = batch.dropFirst(outcome.done)
      let filled = fill(from: rest, joining: socket.joins)
      if filled == 0, let tooLarge = rest.first {
        outcome.fail(tooLarge, EMSGSIZE)
      } else if !flush(filled, of: batch, to: socket, &outcome) {
        break
      }
    }
    return outcome
  }

  /// Copies as many as there is room for. - Returns: how many slots they take; 0: the first is larger than any datagram
  private func fill(from batch: some Collection<Outbound>, joining: Bool) -> Int {
    var (filled, used) = (0, 0)
    var open: (endpoint: Endpoint, size: Int)?
    for outbound in batch.prefix(Self.batch) {
      let size = outbound.bytes.count
      guard size <= Self.largest, used + size <= Self.room else { break }
      outbound.bytes.withUnsafeBytes { source in
        if let base = source.baseAddress { memcpy(bytes + used, base, size) }
      }
      let endpoint = outbound.route.target.endpoint
      if let group = open, group.endpoint == endpoint, size > 0, size <= group.size,
        parts[filled - 1].size + size <= Self.largestJoined
      {
        join(filled - 1, size, after: group.size)
        if size < group.size { open = nil }
      } else {
        begin(filled, at: bytes + used, size, to: endpoint)
        filled += 1
        open = joining && size <= Self.largestPart && !refusals.takesAlone(endpoint) ? (endpoint, size) : nil
      }
      used += size
    }
    return filled
  }

  private func begin(_ slot: Int, at base: UnsafeMutableRawPointer, _ size: Int, to endpoint: Endpoint) {
    parts[slot] = datagram_part(base: base, size: size)
    counts[slot] = 1
    slots[slot].name_size = endpoint.store(at: UnsafeMutableRawPointer(names + slot))
    datagram_set_joined(slots + slot, controls + slot, 0)
  }

  private func join(_ slot: Int, _ size: Int, after first: Int) {
    if counts[slot] == 1 { datagram_set_joined(slots + slot, controls + slot, UInt16(first)) }
    parts[slot].size += size
    counts[slot] += 1
  }

  /// Sends what has been copied, until some that were joined must part; false: the socket takes no more.
  private func flush(
    _ filled: Int, of batch: some RandomAccessCollection<Outbound>, to socket: DatagramSocket, _ outcome: inout Outcome
  ) -> Bool {
    var slot = 0
    while slot < filled {
      let sent = Int(datagrams_send(socket.descriptor, slots + slot, UInt32(filled - slot)))
      switch sent > 0 ? 0 : errno {
      case 0:
        for slot in slot..<slot + sent {
          outcome.bytes += UInt64(parts[slot].size)
          outcome.sent += UInt64(counts[slot])
          outcome.done += counts[slot]
        }
        slot += sent
      case EINTR: continue
      case EAGAIN: return false
      case let code:
        let outbound = batch[batch.index(batch.startIndex, offsetBy: outcome.done)]
        guard counts[slot] == 1 else {
          refusals.insert(outbound.route.target.endpoint)
          return true
        }
        outcome.fail(outbound, code)
        slot += 1
      }
    }
    return true
  }
}

extension DatagramWriter.Outcome {
  fileprivate mutating func fail(_ outbound: Outbound, _ code: CInt) {
    failures.append(.sendFailed(token: outbound.token, TransportFailure(errno: code)))
    done += 1
  }
}
