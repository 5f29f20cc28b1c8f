import CAres
import Dispatch
import Glibc

/// A socket of c-ares and the Dispatch sources that watch it.
///
/// c-ares closes a socket while its sources are still being cancelled, and the number would be reused under them. So
/// c-ares is given socket functions of our own, and the descriptor is closed after the last cancel handler has run.
final class AresSocket {
  private let descriptor: ares_socket_t
  private let queue: DispatchQueue
  private let sources = DispatchGroup()
  private var readSource: (any DispatchSourceRead)?
  private var writeSource: (any DispatchSourceWrite)?

  init(_ descriptor: ares_socket_t, queue: DispatchQueue) {
    self.descriptor = descriptor
    self.queue = queue
  }

  /// Watches for what c-ares waits for now.
  func watch(readable: Bool, writable: Bool, ready: @escaping (_ readable: Bool) -> Void) {
    if readable, readSource == nil {
      let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
      source.setEventHandler { ready(true) }
      start(source)
      readSource = source
    } else if !readable {
      readSource?.cancel()
      readSource = nil
    }
    if writable, writeSource == nil {
      let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
      source.setEventHandler { ready(false) }
      start(source)
      writeSource = source
    } else if !writable {
      writeSource?.cancel()
      writeSource = nil
    }
  }

  private func start(_ source: any DispatchSourceProtocol) {
    sources.enter()
    source.setCancelHandler { [sources] in sources.leave() }
    source.activate()
  }

  func close() {
    readSource?.cancel()
    writeSource?.cancel()
    (readSource, writeSource) = (nil, nil)
    sources.notify(queue: queue) { [descriptor] in _ = Glibc.close(descriptor) }
  }

  /// What c-ares calls instead of the system; its user data is the channel. Lives as long as the process.
  nonisolated(unsafe) static let functions: UnsafePointer<ares_socket_functions> = {
    let functions = UnsafeMutablePointer<ares_socket_functions>.allocate(capacity: 1)
    functions.initialize(
      to: ares_socket_functions(
        asocket: { family, type, transport, _ in
          let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
          return socket(family, type | flags, transport)
        },
        aclose: { descriptor, data in
          guard let data else { return Glibc.close(descriptor) }
          AresChannel.from(data).close(descriptor)
          return 0
        },
        aconnect: { descriptor, address, length, _ in connect(descriptor, address, length) },
        arecvfrom: { descriptor, buffer, size, flags, address, length, _ in
          recvfrom(descriptor, buffer, size, flags, address, length)
        },
        asendv: { descriptor, vector, count, _ in writev(descriptor, vector, count) }))
    return UnsafePointer(functions)
  }()
}
