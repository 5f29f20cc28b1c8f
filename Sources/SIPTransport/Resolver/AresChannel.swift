import CAres
import Datagrams
import Dispatch
import Glibc
import SIPLocation
import SIPMessage

/// A c-ares channel for one lookup: no thread, and sockets of its own, so that no two lookups leave from one port. Who
/// forges an answer has to guess the port besides the number of the question (RFC 5452 §9.2). Everything happens on the
/// loop's queue.
///
/// `close` ends it, and the lookup under way with `cancelled`; it may not be called from a completion.
final class AresChannel {
  typealias Completion = (Finding) -> Void

  private static let library = ares_library_init(ARES_LIB_INIT_ALL)

  private let loop: AresLoop
  private var channel: ares_channel?

  /// nil: c-ares could not be set up, for want of memory or of a readable configuration.
  init?(loop: AresLoop, configuration: NameServers, timeout: Duration, tries: Int) {
    self.loop = loop
    guard Self.library == ARES_SUCCESS else { return nil }
    var options = ares_options()
    options.timeout = CInt(clamping: timeout.milliseconds)
    options.tries = CInt(clamping: tries)
    options.sock_state_cb = { data, descriptor, readable, writable in
      guard let data else { return }
      let channel = AresChannel.from(data)
      channel.loop.watch(descriptor, readable: readable != 0, writable: writable != 0, for: channel)
    }
    options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
    var mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB
    var list: String?
    switch configuration {
    case .listed(let endpoints):
      list = endpoints.map(\.description).joined(separator: ",")
      // The search list of the host belongs to the servers of the host.
      options.flags = ARES_FLAG_NOSEARCH
      mask |= ARES_OPT_FLAGS
    case .file(let path):
      options.resolvconf_path = strdup(path)
      mask |= ARES_OPT_RESOLVCONF
    }
    defer { free(options.resolvconf_path) }
    guard ares_init_options(&channel, &options, mask) == ARES_SUCCESS, let channel else { return nil }
    loop.join(self)
    if let list, ares_set_servers_ports_csv(channel, list) != ARES_SUCCESS {
      close()
      return nil
    }
  }

  private static func from(_ data: UnsafeMutableRawPointer) -> AresChannel {
    Unmanaged<AresChannel>.fromOpaque(data).takeUnretainedValue()
  }

  /// Asks for the addresses of both families, in the hosts file and in the DNS.
  func lookUp(_ name: String, port: UInt16, completion: @escaping Completion) {
    guard let channel else { return completion(.cancelled(name)) }
    var hints = ares_addrinfo_hints()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = CInt(SOCK_DGRAM.rawValue)
    hints.ai_flags = ARES_AI_NUMERICSERV
    let lookup = AddressLookup(name: name, completion: completion)
    ares_getaddrinfo(
      channel, name, "\(port)", &hints,
      { data, status, _, result in
        guard let data else { return }
        Unmanaged<AddressLookup>.fromOpaque(data).takeRetainedValue().end(status, result)
      }, Unmanaged.passRetained(lookup).toOpaque())
    loop.arm()
  }

  /// Asks for the records of a type, in the DNS. The name is whole: no search list is for it.
  func query(_ name: String, _ type: RecordAnswer.RecordType, completion: @escaping Completion) {
    guard let channel else { return completion(.cancelled(name)) }
    let lookup = RecordLookup(name: name, type: type, completion: completion)
    ares_query(
      channel, name, CInt(Self.internet), CInt(type.rawValue),
      { data, status, _, answer, length in
        guard let data else { return }
        let answer = UnsafeBufferPointer(start: answer, count: Int(max(length, 0)))
        Unmanaged<RecordLookup>.fromOpaque(data).takeRetainedValue().end(status, Array(answer))
      }, Unmanaged.passRetained(lookup).toOpaque())
    loop.arm()
  }

  /// The class IN (RFC 1035 §3.2.4).
  private static let internet = 1

  func close() {
    guard let channel else { return }
    self.channel = nil
    ares_destroy(channel)
    loop.leave(self)
  }

  // MARK: Sockets and time

  func process(read: ares_socket_t, write: ares_socket_t) {
    guard let channel else { return }
    ares_process_fd(channel, read, write)
  }

  /// Microseconds until `process` has to be called at the latest; nil: nothing is under way.
  var timeLeft: Int? {
    guard let channel else { return nil }
    var wait = timeval()
    guard ares_timeout(channel, nil, &wait) != nil else { return nil }
    return wait.tv_sec * 1_000_000 + Int(wait.tv_usec)
  }
}

extension Duration {
  var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
