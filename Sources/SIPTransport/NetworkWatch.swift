import CNetlink
import Dispatch
import Glibc
import NIOConcurrencyHelpers

/// Hears from the kernel when addresses, links or routes of this host change (rtnetlink(7)), and says so once for all
/// that changes together. What changed is not looked at: whoever wants to know asks the routing table.
package final class NetworkWatch {
  private let source: any DispatchSourceRead

  /// - Parameter changed: called on a queue of the watch's own
  /// - Returns: nil where the kernel does not let us listen; then an address that changes is noticed at the next refresh.
  package init?(changed: @escaping @Sendable () -> Void) {
    guard let descriptor = Self.open() else { return nil }
    let queue = DispatchQueue(label: "sip.network")
    let flock = Flock(queue: queue, changed: changed)
    source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
    source.setEventHandler { if Self.drain(descriptor) { flock.announce() } }
    source.setCancelHandler { close(descriptor) }
    source.activate()
  }

  deinit { source.cancel() }

  private static func open() -> CInt? {
    let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_NETLINK, type, NETLINK_ROUTE)
    guard descriptor >= 0 else { return nil }
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    address.nl_groups = UInt32(
      RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE)
    let size = socklen_t(MemoryLayout<sockaddr_nl>.size)
    let isBound = withUnsafeBytes(of: &address) { bytes in
      bind(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!, size) == 0
    }
    guard isBound else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// Takes out what is there. - Returns: whether anything was, or was lost: both mean a change.
  private static func drain(_ descriptor: CInt) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 8192)
    var isChanged = false
    for _ in 0..<64 {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 || errno == ENOBUFS else { break }
      isChanged = true
    }
    return isChanged
  }
}

/// Changes come in flocks: an address, its route, the neighbours. They are announced together, and once more later,
/// since what a link gets back is usable a moment after it is there.
private final class Flock: Sendable {
  private static let settling = DispatchTimeInterval.milliseconds(250)
  private static let secondLook = DispatchTimeInterval.seconds(2)

  private let queue: DispatchQueue
  private let changed: @Sendable () -> Void
  private let isAnnounced = NIOLockedValueBox(false)

  init(queue: DispatchQueue, changed: @escaping @Sendable () -> Void) {
    self.queue = queue
    self.changed = changed
  }

  func announce() {
    let isFirst = isAnnounced.withLockedValue { isAnnounced in
      defer { isAnnounced = true }
      return !isAnnounced
    }
    guard isFirst else { return }
    queue.asyncAfter(deadline: .now() + Self.settling) { [self] in
      isAnnounced.withLockedValue { $0 = false }
      changed()
    }
    queue.asyncAfter(deadline: .now() + Self.secondLook, execute: changed)
  }
}
