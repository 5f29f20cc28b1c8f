import CDatagram
import Glibc
import SIPMessage

/// The room from which one call of sendmmsg(2) sends many datagrams. For one thread at a time.
///
/// Every message has an errno of its own: one target without a route (ENETUNREACH) or behind a packet filter (EPERM)
/// must not stand in the way of all others.
final class DatagramWriter {
  /// Datagrams that one call sends.
  private static let batch = 64
  /// The largest payload of UDP over IPv6; IPv4 has 20 bytes less.
  private static let largest = 65_527
  /// Room for as many messages of usual size, and for a single one of any.
  private static let room = 2 * largest

  private let slots: UnsafeMutablePointer<datagram_slot>
  private let parts: UnsafeMutablePointer<datagram_part>
  private let names: UnsafeMutablePointer<sockaddr_in6>
  private let bytes: UnsafeMutableRawPointer

  init() {
    slots = .allocate(capacity: Self.batch)
    parts = .allocate(capacity: Self.batch)
    names = .allocate(capacity: Self.batch)
    bytes = .allocate(byteCount: Self.room, alignment: 64)
    parts.initialize(repeating: datagram_part(), count: Self.batch)
    names.initialize(repeating: sockaddr_in6(), count: Self.batch)
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
      let filled = fill(from: rest)
      if filled == 0, let tooLarge = rest.first {
        outcome.fail(tooLarge, EMSGSIZE)
      } else if !flush(rest.prefix(filled), to: socket, &outcome) {
        break
      }
    }
    return outcome
  }

  /// Copies as many as there is room for; 0: the first is larger than any datagram.
  private func fill(from batch: some Collection<Outbound>) -> Int {
    var (slot, used) = (0, 0)
    for outbound in batch.prefix(Self.batch) {
      let size = outbound.bytes.count
      guard size <= Self.largest, used + size <= Self.room else { break }
      outbound.bytes.withUnsafeBytes { source in
        if let base = source.baseAddress { memcpy(bytes + used, base, size) }
      }
      parts[slot] = datagram_part(base: bytes + used, size: size)
      slots[slot].name_size = outbound.route.target.endpoint.store(at: UnsafeMutableRawPointer(names + slot))
      used += size
      slot += 1
    }
    return slot
  }

  /// Sends what has been copied; false: the socket takes no more.
  private func flush(
    _ filled: some RandomAccessCollection<Outbound>, to socket: DatagramSocket, _ outcome: inout Outcome
  ) -> Bool {
    var slot = 0
    while slot < filled.count {
      let sent = Int(datagrams_send(socket.descriptor, slots + slot, UInt32(filled.count - slot)))
      switch sent > 0 ? 0 : errno {
      case 0:
        for slot in slot..<slot + sent { outcome.bytes += UInt64(parts[slot].size) }
        outcome.sent += UInt64(sent)
        outcome.done += sent
        slot += sent
      case EINTR: continue
      case EAGAIN: return false
      case let code:
        outcome.fail(filled[filled.index(filled.startIndex, offsetBy: slot)], code)
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
