import NIOCore
import NIOPosix
import SIPMessage
import SIPTransport

/// A transport layer on a loopback port, and what it delivered.
final class Peer: Sendable {
  let layer: TransportLayer
  let eventLoop: any EventLoop
  let inbox = Inbox<[TransportEvent]>()

  /// - Parameter deliver: does something else with what comes than to keep it
  init(
    permit: SendingPermit = SendingPermit(), _ change: (inout TransportSettings) -> Void = { _ in },
    deliver: (@Sendable ([TransportEvent]) -> Void)? = nil
  ) throws {
    var settings = TransportSettings()
    settings.addressV4 = .v4(0x7F00_0001)
    settings.addressV6 = .v6(0, 1)
    // A peer that does not answer is no reason to ask whether it is there, unless a test is about that.
    settings.silencePatience = .seconds(600)
    change(&settings)
    let inbox = inbox
    eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    layer = TransportLayer(
      settings: settings, permit: permit, eventLoop: eventLoop,
      deliver: deliver ?? { inbox.put($0) })
    try layer.bind()
  }

  deinit { layer.shutdown() }

  func target(_ transport: TransportProtocol, v6: Bool = false) -> Target {
    let address: IPAddress = v6 ? .v6(0, 1) : .v4(0x7F00_0001)
    return Target(transport: transport, endpoint: Endpoint(address: address, port: layer.localPort))
  }

  func send(_ text: String, to route: Destination, token: UInt64 = 0) {
    layer.send([Outbound(bytes: Array(text.utf8), destination: route, token: token)])
  }

  /// The next events, as many as asked for, however they were batched.
  func events(_ count: Int) async -> [TransportEvent] {
    var events: [TransportEvent] = []
    while events.count < count { events += await inbox.next() }
    return events
  }

  func received() async -> (bytes: [UInt8], flow: Flow)? {
    guard case .received(let bytes, let flow)? = await events(1).first else { return nil }
    return (bytes, flow)
  }
}

/// Hands what one side puts in to the other side that waits for it.
final class Inbox<Element: Sendable>: Sendable {
  private let stream: AsyncStream<Element>
  private let continuation: AsyncStream<Element>.Continuation

  init() { (stream, continuation) = AsyncStream.makeStream() }

  func put(_ element: Element) { continuation.yield(element) }

  func next() async -> Element {
    for await element in stream { return element }
    preconditionFailure("the inbox is never finished")
  }
}

/// A TCP connection at the level of bytes.
final class RawConnection: Sendable {
  let channel: any Channel
  private let inbox: Inbox<[UInt8]?>

  private init(_ channel: any Channel, _ inbox: Inbox<[UInt8]?>) {
    self.channel = channel
    self.inbox = inbox
  }

  static func connect(to target: Target) async throws -> RawConnection {
    let inbox = Inbox<[UInt8]?>()
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Receiver(inbox)) }
      }
      .connect(to: SocketAddress(target.endpoint)).get()
    return RawConnection(channel, inbox)
  }

  func write(_ text: String) async throws { try await write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

  /// Bytes until there are that many; fewer when the connection ends before.
  func read(_ count: Int) async -> String {
    var bytes: [UInt8] = []
    while bytes.count < count, let part = await inbox.next() { bytes += part }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Waits for the end of the connection.
  func isClosedByPeer() async -> Bool {
    while await inbox.next() != nil {}
    return true
  }

  private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox<[UInt8]?>

    init(_ inbox: Inbox<[UInt8]?>) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      inbox.put(Array(unwrapInboundIn(data).readableBytesView))
    }

    func channelInactive(context: ChannelHandlerContext) { inbox.put(nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

/// A small message with a body of as many bytes.
func message(_ label: String, body: Int = 0) -> String {
  "OPTIONS sip:\(label)@example.com SIP/2.0\r\nContent-Length: \(body)\r\n\r\n" + String(repeating: "x", count: body)
}

extension TransportEvent {
  var failure: TransportFailure.Kind? {
    switch self {
    case .sendFailed(_, let failure), .unreachable(_, let failure): failure.kind
    case .connectionClosed(let end): end.failure?.kind
    case .received, .pong, .bindingAnswered, .remarked: nil
    }
  }

  var failedToken: UInt64? {
    if case .sendFailed(let token, _) = self { token } else { nil }
  }

  var bytes: [UInt8]? {
    if case .received(let bytes, _) = self { bytes } else { nil }
  }
}
