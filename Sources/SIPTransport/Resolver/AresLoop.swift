import CAres
import Dispatch
import Glibc

/// What c-ares channels share: an epoll(7) for their sockets, which is all that Dispatch watches, and a timer.
///
/// Dispatch must not watch the sockets themselves. Where a name server is not there, the socket has an error (ICMP port
/// unreachable) and nothing to read; Dispatch has no event for that, and arms the socket again and again. An epoll is
/// readable or not. And a socket is out of it at once, so that c-ares can close it whenever it wants.
///
/// Everything happens on the queue. `close` ends it.
final class AresLoop {
  /// More wait until the queue comes by again.
  private static let eventsAtOnce = 16

  private let epoll: Int32
  private let source: any DispatchSourceRead
  private let timer: any DispatchSourceTimer
  private var channels: [AresChannel] = []
  private var owners: [ares_socket_t: AresChannel] = [:]

  init?(queue: DispatchQueue) {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { return nil }
    source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    timer = DispatchSource.makeTimerSource(queue: queue)
    source.setCancelHandler { [epoll] in _ = Glibc.close(epoll) }
    source.setEventHandler { [weak self] in self?.readySockets() }
    timer.setEventHandler { [weak self] in self?.timePassed() }
    source.activate()
    timer.activate()
  }

  deinit {
    source.cancel()
    timer.cancel()
  }

  // MARK: Channels

  func join(_ channel: AresChannel) { channels.append(channel) }

  /// Its sockets are closed.
  func leave(_ channel: AresChannel) { channels.removeAll { $0 === channel } }

  /// What c-ares waits for now; for nothing before it closes the socket.
  func watch(_ socket: ares_socket_t, readable: Bool, writable: Bool, for channel: AresChannel) {
    var event = epoll_event()
    event.events = (readable ? EPOLLIN.rawValue : 0) | (writable ? EPOLLOUT.rawValue : 0)
    event.data.fd = socket
    if event.events == 0 {
      owners[socket] = nil
      epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &event)
    } else {
      owners[socket] = channel
      if epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0 { epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) }
    }
  }

  /// Wakes when the first channel wants to be.
  func arm() {
    guard let first = channels.compactMap(\.timeLeft).min() else { return timer.schedule(deadline: .distantFuture) }
    timer.schedule(deadline: .now() + .microseconds(first))
  }

  // MARK: Events

  private func readySockets() {
    var events = [epoll_event](repeating: epoll_event(), count: Self.eventsAtOnce)
    let count = epoll_wait(epoll, &events, Int32(events.count), 0)
    // A socket with an error can be read and written: c-ares then finds it.
    let failed = EPOLLERR.rawValue | EPOLLHUP.rawValue
    for event in events.prefix(max(Int(count), 0)) {
      let socket = event.data.fd
      owners[socket]?.process(
        read: event.events & (EPOLLIN.rawValue | failed) != 0 ? socket : ARES_SOCKET_BAD,
        write: event.events & (EPOLLOUT.rawValue | failed) != 0 ? socket : ARES_SOCKET_BAD)
    }
    arm()
  }

  private func timePassed() {
    for channel in channels { channel.process(read: ARES_SOCKET_BAD, write: ARES_SOCKET_BAD) }
    arm()
  }
}
