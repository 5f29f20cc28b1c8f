import CAres
import Datagrams
import Dispatch
import Glibc
import SIPMessage

/// A c-ares channel for one lookup: no thread, and sockets of its own, so that no two lookups leave from one port. Who
/// forges an answer has to guess the port besides the number of the question (RFC 5452 §9.2). Everything happens on the
/// loop's queue.
///
/// `close` ends it, and the lookup under way with `cancelled`; it may not be called from a completion.
final class AresChannel {
  typealias Found = (addresses: [IPAddress], timeToLive: Duration)
  typealias Completion = (Result<Found, ResolutionFailure>) -> Void

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
    guard let channel else { return completion(.failure(ResolutionFailure(name: name, kind: .cancelled))) }
    var hints = ares_addrinfo_hints()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = CInt(SOCK_DGRAM.rawValue)
    hints.ai_flags = ARES_AI_NUMERICSERV
    let query = Query(name: name, completion: completion)
    ares_getaddrinfo(
      channel, name, "\(port)", &hints,
      { data, status, _, result in
        guard let data else { return }
        Unmanaged<Query>.fromOpaque(data).takeRetainedValue().end(status, result)
      }, Unmanaged.passRetained(query).toOpaque())
    loop.arm()
  }

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

/// One lookup, while c-ares has it.
private final class Query {
  private let name: String
  private let completion: AresChannel.Completion

  init(name: String, completion: @escaping AresChannel.Completion) {
    self.name = name
    self.completion = completion
  }

  func end(_ status: CInt, _ result: UnsafeMutablePointer<ares_addrinfo>?) {
    defer { if let result { ares_freeaddrinfo(result) } }
    guard status == ARES_SUCCESS, let result else { return fail(ResolutionFailure.Kind(status)) }
    let found = Self.read(result.pointee)
    guard !found.addresses.isEmpty else { return fail(.noAddress) }
    completion(.success(found))
  }

  private func fail(_ kind: ResolutionFailure.Kind) {
    completion(.failure(ResolutionFailure(name: name, kind: kind)))
  }

  /// The first addresses in the order of c-ares (RFC 6724 §6), and the shortest TTL on the way to them.
  private static func read(_ result: ares_addrinfo) -> AresChannel.Found {
    var addresses: [IPAddress] = []
    var lifetimes: [CInt] = []
    var node = result.nodes
    while let current = node?.pointee, addresses.count < Resolution.maximumAddresses {
      if let address = address(of: current), !addresses.contains(address) { addresses.append(address) }
      lifetimes.append(current.ai_ttl)
      node = current.ai_next
    }
    var alias = result.cnames
    while let current = alias?.pointee {
      lifetimes.append(current.ttl)
      alias = current.next
    }
    return (addresses, .seconds(max(lifetimes.min() ?? 0, 0)))
  }

  private static func address(of node: ares_addrinfo_node) -> IPAddress? {
    let bytes = UnsafeRawBufferPointer(start: node.ai_addr, count: Int(node.ai_addrlen))
    switch node.ai_family {
    case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
      return Endpoint(DatagramAddress(bytes.loadUnaligned(as: sockaddr_in.self))).address
    case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
      return Endpoint(DatagramAddress(bytes.loadUnaligned(as: sockaddr_in6.self))).address
    default:
      return nil
    }
  }
}

extension ResolutionFailure.Kind {
  fileprivate init(_ status: CInt) {
    self =
      switch status {
      case ARES_ENOTFOUND: .noSuchName
      case ARES_ENODATA: .noAddress
      case ARES_ETIMEOUT: .timedOut
      case ARES_ESERVFAIL, ARES_ENOTIMP, ARES_EFORMERR: .serverFailure
      case ARES_EREFUSED: .refused
      case ARES_ECONNREFUSED: .unreachable
      case ARES_EBADRESP, ARES_EBADQUERY: .badAnswer
      case ARES_EBADNAME, ARES_EBADSTR: .invalidName
      case ARES_EDESTRUCTION, ARES_ECANCELLED: .cancelled
      default: .other
      }
  }
}

extension Duration {
  var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
