import NIOCore
import NIOHTTP1
import NIOSSL
import NIOWebSocket
import SIPMessage

/// On which terms a connection is made, as its target says.
struct StreamTerms {
  var local: IPAddress
  var options: [(option: ChannelOptions.Types.SocketOption, value: ChannelOptions.Types.SocketOption.Value)] = []
  /// The resource of a WebSocket.
  var path: String
  /// Whom the certificate has to name; nil: there is none over this transport.
  var peer: Host?
  var tls: (context: NIOSSLContext, terms: TLSTerms)?
}

/// Knows what stands between a socket and its `StreamConnection`: TLS and who may be behind it, the opening of a WebSocket,
/// and how messages are told apart. Lives on the event loop of the connections.
final class StreamOpening {
  private let settings: TransportSettings
  private let permit: SendingPermit
  private let serverNames: ServerNames
  private let profiles: TLSContexts
  private let localTerms: LocalTerms

  init(
    settings: TransportSettings, permit: SendingPermit, serverNames: ServerNames, profiles: TLSContexts,
    localTerms: LocalTerms
  ) {
    self.settings = settings
    self.permit = permit
    self.serverNames = serverNames
    self.profiles = profiles
    self.localTerms = localTerms
  }

  /// - Throws: when nothing can be made on these terms
  func terms(of target: Target) throws(TransportFailure) -> StreamTerms {
    guard let profile = profiles[target.profile] else {
      throw TransportFailure(.unsupported, detail: "nobody has said on which terms \(target) is spoken to")
    }
    let isV6 = target.endpoint.address.isV6
    guard let own = settings.address(ofV6: isV6) else {
      throw TransportFailure(.unreachable, detail: "no local address of this family")
    }
    let origin = try localTerms.origin(of: target.profile, isV6: isV6)
    let local = origin?.address.map { Endpoint($0).address } ?? own
    var terms = StreamTerms(local: local, path: profile.webSocketPath)
    terms.options = origin?.streamOptions(isV6: isV6) ?? []
    guard target.transport.isSecure else { return terms }
    // Whoever does not know whom to expect can not know who it is.
    guard let peer = serverNames[target.serverName].flatMap(Host.init(expected:)) else {
      throw TransportFailure(
        .tlsFailed, detail: "nobody has said whom the certificate of \(target.endpoint) has to name")
    }
    terms.peer = peer
    do throws(ProfileError) {
      let tls = TLSTerms(profile)
      terms.tls = (try profiles.context(of: tls), tls)
    } catch {
      throw TransportFailure(.tlsFailed, detail: "\(error)")
    }
    return terms
  }

  /// Outermost first.
  func furnish(_ channel: any Channel, for connection: StreamConnection, _ terms: StreamTerms) throws {
    let pipeline = channel.pipeline.syncOperations
    let deadline = NIODeadline.now() + TimeAmount(settings.connectTimeout)
    if let (context, tls) = terms.tls, let peer = terms.peer {
      // An address is no name of a server (RFC 6066 §3).
      let name: String? = if case .name(let name) = peer { name } else { nil }
      let handler = try NIOSSLClientHandler(context: context, serverHostname: name)
      try pipeline.addHandler(handler)
      try pipeline.addHandler(
        CertificateCheck(peer: peer, terms: tls, tls: handler, deadline: deadline) { [unowned connection] in
          connection.remark($0)
        })
    }
    if connection.flow.target.transport.isWebSocket {
      try furnishWebSocket(pipeline, connection.flow.target, terms, until: deadline)
    } else {
      try pipeline.addHandler(MessageFraming(limits: settings.messageLimits))
    }
    try pipeline.addHandler(connection)
  }

  func furnish(accepted channel: any Channel, for connection: StreamConnection) throws {
    try channel.pipeline.syncOperations.addHandler(MessageFraming(limits: settings.messageLimits))
    try channel.pipeline.syncOperations.addHandler(connection)
  }

  private func furnishWebSocket(
    _ pipeline: ChannelPipeline.SynchronousOperations, _ target: Target, _ terms: StreamTerms,
    until deadline: NIODeadline
  ) throws {
    let request = HTTPRequestEncoder()
    let answer = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
    try pipeline.addHandler(request)
    try pipeline.addHandler(answer)
    let (limits, permit) = (settings.messageLimits, permit)
    let host = terms.peer ?? .address(target.endpoint.address)
    let isUsual = target.endpoint.port == target.transport.defaultPort
    try pipeline.addHandler(
      WebSocketOpening(
        path: terms.path, host: isUsual ? "\(host)" : "\(host):\(target.endpoint.port)", deadline: deadline,
        http: [request, answer]
      ) { pipeline, opening in
        try pipeline.addWebSocket(behind: opening, limits: limits, permit: permit)
      })
  }
}

extension ChannelPipeline.SynchronousOperations {
  /// What reads and writes the frames of a WebSocket that is open.
  func addWebSocket(behind handler: any ChannelHandler, limits: Limits, permit: SendingPermit) throws {
    let framing = WebSocketFraming(limits: limits, permit: permit)
    try addHandler(framing, position: .after(handler))
    try addHandler(
      ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limits.messageSize)), position: .before(framing))
  }
}

extension Host {
  /// As `TransportLayer.serverName(of:)` was told: an IPv6 address stands there without brackets.
  fileprivate init?(expected text: String) {
    if let address = IPAddress(text) { self = .address(address) } else { self.init(text) }
  }
}
