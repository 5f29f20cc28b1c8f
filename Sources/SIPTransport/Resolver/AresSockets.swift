import CAres
import Dispatch
import Glibc

/// The sockets of a c-ares channel: in an epoll(7) of their own, which is all that Dispatch watches.
///
/// Dispatch must not watch the sockets themselves. Where a name server is not there, the socket has an error (ICMP port
/// unreachable) and nothing to read; Dispatch has no event for that, and arms the socket again and again. An epoll is
/// readable or not. And a socket is out of it at once, so that c-ares can close it whenever it wants.
final class AresSockets {
  /// More wait until the queue comes by again.
  private static let eventsAtOnce = 16

  private let epoll: Int32
  private let source: any DispatchSourceRead

  init?(queue: DispatchQueue) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { return nil }
    source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    source.setCancelHandler { [epoll] in _ = Glibc.close(epoll) }
    source.activate()
  }

  deinit { source.cancel() }

  /// - Parameter ready: called on the queue for each socket that can be read, written, or has an error (both)
  func setHandler(_ ready: @escaping (_ socket: ares_socket_t, _ readable: Bool, _ writable: Bool) -> Void) {
    source.setEventHandler { [epoll] in
      var events = [epoll_event](repeating: epoll_event(), count: Self.eventsAtOnce)
      let count = epoll_wait(epoll, &events, Int32(events.count), 0)
      let failed = EPOLLERR.rawValue | EPOLLHUP.rawValue
      for event in events.prefix(max(Int(count), 0)) {
        ready(
          event.data.fd, event.events & (EPOLLIN.rawValue | failed) != 0,
          event.events & (EPOLLOUT.rawValue | failed) != 0)
      }
    }
  }

  /// What c-ares waits for now; for nothing before it closes the socket.
  func watch(_ socket: ares_socket_t, readable: Bool, writable: Bool) {
    var event = epoll_event()
    event.events = (readable ? EPOLLIN.rawValue : 0) | (writable ? EPOLLOUT.rawValue : 0)
    event.data.fd = socket
    if event.events == 0 {
      epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &event)
    } else if epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0 {
      epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event)
    }
  }
}
