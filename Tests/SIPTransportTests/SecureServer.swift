import NIOCore
import NIOPosix
import NIOSSL
import SIPMessage
import SIPTransport

/// A server with TLS that answers every read, with the TLS of a library: what it reads has passed the client's check.
final class SecureServer: Sendable {
  let inbox = Inbox<String>()
  private let channel: any Channel
  var endpoint: Endpoint { channel.localAddress.flatMap(Endpoint.init)! }

  /// - Parameters:
  ///   - wrapped: whether there is TLS at all
  ///   - closes: whether it ends a connection that it has answered over
  init(
    _ issued: CertificateAuthority.Issued, wrapped: Bool = true, closes: Bool = false,
    _ change: (inout TLSConfiguration) -> Void = { _ in }
  ) async throws {
    let chain = try NIOSSLCertificate.fromPEMFile(issued.certificate).map { NIOSSLCertificateSource.certificate($0) }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: issued.key, format: .pem)))
    change(&configuration)
    let context = try NIOSSLContext(configuration: configuration)
    let inbox = inbox
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if wrapped { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
          try channel.pipeline.syncOperations.addHandler(Answering(inbox, closes: closes))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
  }

  deinit { channel.close(promise: nil) }

  /// Where a request for somebody goes.
  func target(_ layer: TransportLayer, expecting host: String, profile: ProfileID = ProfileID(number: 1)) -> Target {
    Target(transport: .tls, profile: profile, serverName: layer.serverName(of: host)!, endpoint: endpoint)
  }

  private final class Answering: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    private let inbox: Inbox<String>
    private let closes: Bool

    init(_ inbox: Inbox<String>, closes: Bool) { (self.inbox, self.closes) = (inbox, closes) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let text = String(buffer: unwrapInboundIn(data))
      inbox.put(text)
      let answer = text == "\r\n\r\n" ? "\r\n" : message("answer")
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
      if closes { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

extension Peer {
  /// With a profile of number 1.
  convenience init(
    _ profile: ConnectionProfile, _ change: (inout TransportSettings) -> Void = { _ in }
  ) throws {
    try self.init(change)
    try layer.use(profiles: [profile])
  }
}

extension ConnectionProfile {
  /// It trusts an authority and no other.
  init(trusting authority: CertificateAuthority, as own: CertificateAuthority.Issued? = nil) {
    self.init()
    authorities = authority.file
    (certificate, privateKey) = (own?.certificate, own?.key)
  }
}
