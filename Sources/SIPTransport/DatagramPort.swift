import Glibc
import NIOCore
import NIOPosix
import SIPMessage

/// One UDP socket: all datagrams of one address family (RFC 3261 §18). Lives on its event loop.
///
/// NIO reads, 32 datagrams a system call; in a stream of messages once in 2 ms, since every wake-up costs as much as
/// some messages, and no timer of RFC 3261 cares. Each has room for the largest datagram there is, so none is cut off; the
/// pages behind the short ones are never touched. Writing is a plain `sendto`: NIO's datagram channel closes itself on
/// every error of a write but two, and one target without a route (ENETUNREACH) or behind a packet filter (EPERM) must
/// not take the port away from all others. So every message has its own errno, too.
final class DatagramPort: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  struct Datagram {
    var bytes: [UInt8]
    var to: Endpoint
    var token: UInt64
  }

  private static let readsPerCall = 32
  /// Above the largest payload of UDP, 65,527: a read that fills it was cut off.
  private static let readSize = 65_536
  /// Between two reads while messages come one upon the other: an answer is late by so much at most.
  private static let readPause = TimeAmount.milliseconds(2)
  /// Best effort, the system's limits prevail: room for a burst of answers while the event loop is busy.
  private static let socketBufferSize: ChannelOptions.Types.SocketOption.Value = 4 << 20
  /// How long a full send buffer gets to drain.
  private static let retryDelay = TimeAmount.milliseconds(1)

  private let backlogLimit: Int
  private let counters: CounterStore
  private let deliver: ([TransportEvent]) -> Void
  private var context: ChannelHandlerContext?
  private var lastRead = NIODeadline.uptimeNanoseconds(0)
  private var received: [TransportEvent] = []
  private var seen = TransportCounters()
  private var backlog = CircularBuffer<Datagram>()
  private var backlogBytes = 0

  init(settings: TransportSettings, counters: CounterStore, deliver: @escaping ([TransportEvent]) -> Void) {
    backlogLimit = settings.maximumDatagramBacklog
    self.counters = counters
    self.deliver = deliver
  }

  static func bootstrap(on eventLoop: any EventLoop, isV6: Bool) -> DatagramBootstrap {
    let bootstrap = DatagramBootstrap(group: eventLoop)
      .channelOption(.autoRead, value: false)
      .channelOption(.datagramVectorReadMessageCount, value: readsPerCall)
      .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: readsPerCall * readSize))
      .channelOption(.socketOption(.so_rcvbuf), value: socketBufferSize)
      .channelOption(.socketOption(.so_sndbuf), value: socketBufferSize)
    return isV6 ? bootstrap.channelOption(ChannelOptions.Types.SocketOption.v6Only, value: 1) : bootstrap
  }

  // MARK: Reading

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func close() { context?.close(promise: nil) }

  func channelActive(context: ChannelHandlerContext) {
    context.read()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    let buffer = envelope.data.readableBytesView
    seen.datagramsIn += 1
    seen.bytesIn += UInt64(buffer.count)
    guard buffer.count < Self.readSize, let peer = Endpoint(envelope.remoteAddress) else {
      seen.datagramsDropped += 1
      return
    }
    guard !Self.isKeepAlive(buffer) else {
      seen.keepAlivesIn += 1
      return
    }
    // Copied, because a slice that somebody keeps would pin the storage of the whole read.
    let bytes = envelope.data.getBytes(at: envelope.data.readerIndex, length: buffer.count) ?? []
    received.append(.received(bytes, Flow(target: Target(transport: .udp, endpoint: peer))))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    let (events, seen) = (received, seen)
    (received, self.seen) = ([], TransportCounters())
    counters.update {
      $0.datagramsIn += seen.datagramsIn
      $0.datagramsDropped += seen.datagramsDropped
      $0.bytesIn += seen.bytesIn
      $0.keepAlivesIn += seen.keepAlivesIn
    }
    if !events.isEmpty { deliver(events) }
    readOn(context, after: events.count)
  }

  /// At once after a silence, and while reads come full.
  private func readOn(_ context: ChannelHandlerContext, after count: Int) {
    let now = NIODeadline.now()
    let isStream = now - lastRead < Self.readPause * 2
    lastRead = now
    guard isStream, count < Self.readsPerCall else { return context.read() }
    context.eventLoop.assumeIsolated().scheduleTask(in: Self.readPause) { self.context?.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A read failed. No ICMP report comes this way: the socket is neither connected nor asks for them (ip(7),
    // IP_RECVERR). NIO reads on after an error that passes; any other closes the channel, and whoever opened it hears
    // of that.
  }

  /// Nothing but line ends (RFC 5626 §3.5.1) or the zero bytes that some proxies send to hold a NAT binding open.
  private static func isKeepAlive(_ bytes: ByteBufferView) -> Bool {
    bytes.allSatisfy { $0 == 0x0D || $0 == 0x0A || $0 == 0 }
  }

  // MARK: Writing

  /// Sends in order; answers with what failed. Only what the socket does not take at once has to fit the backlog.
  func send(_ datagrams: [Datagram]) -> [TransportEvent] {
    var failures: [TransportEvent] = []
    let isRetryDue = !backlog.isEmpty
    let done = isRetryDue ? 0 : transmit(datagrams, failures: &failures)
    for datagram in datagrams[done...] {
      guard backlog.isEmpty || backlogBytes + datagram.bytes.count <= backlogLimit else {
        failures.append(.sendFailed(token: datagram.token, TransportFailure(.noBuffers, detail: "backlog is full")))
        continue
      }
      backlog.append(datagram)
      backlogBytes += datagram.bytes.count
    }
    if !isRetryDue, !backlog.isEmpty { retryLater() }
    return failures
  }

  private func drain() -> [TransportEvent] {
    var failures: [TransportEvent] = []
    let done = transmit(backlog, failures: &failures)
    backlogBytes -= backlog.prefix(done).reduce(0) { $0 + $1.bytes.count }
    backlog.removeFirst(done)
    if !backlog.isEmpty { retryLater() }
    return failures
  }

  /// Sends until the socket takes no more; answers with how many are done with, because they left or failed.
  private func transmit(_ datagrams: some Collection<Datagram>, failures: inout [TransportEvent]) -> Int {
    var (done, sent, bytes) = (0, 0, 0)
    let isOpen = withSocket { socket in
      for datagram in datagrams {
        let code = Self.send(datagram, on: socket)
        if code == EAGAIN { return }
        done += 1
        if code == 0 {
          (sent, bytes) = (sent + 1, bytes + datagram.bytes.count)
        } else {
          failures.append(.sendFailed(token: datagram.token, TransportFailure(errno: code)))
        }
      }
    }
    guard isOpen else {
      failures += datagrams.map { .sendFailed(token: $0.token, TransportFailure(.closed)) }
      return datagrams.count
    }
    counters.update {
      $0.datagramsOut += UInt64(sent)
      $0.bytesOut += UInt64(bytes)
    }
    return done
  }

  private func retryLater() {
    context?.eventLoop.assumeIsolated().scheduleTask(in: Self.retryDelay) {
      let failures = self.drain()
      guard !failures.isEmpty else { return }
      self.counters.update { $0.sendFailures += UInt64(failures.count) }
      self.deliver(failures)
    }
  }

  /// false: the socket is closed.
  private func withSocket(_ body: (CInt) -> Void) -> Bool {
    guard let context, context.channel.isActive else { return false }
    let result: Void? = try? context.channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
      of: NIOBSDSocket.Handle.self, body)
    return result != nil
  }

  /// 0 or errno.
  private static func send(_ datagram: Datagram, on socket: CInt) -> CInt {
    datagram.to.withSocketAddress { address, length in
      datagram.bytes.withUnsafeBytes { bytes in
        while true {
          let count = sendto(socket, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), address, length)
          if count >= 0 { return 0 }
          if errno != EINTR { return errno }
        }
      }
    }
  }
}
