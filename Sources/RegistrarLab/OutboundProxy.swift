import SIPMessage
import SIPTransport

/// A stateless outbound proxy (RFC 3261 §16.11): forwards requests along their Route and responses along their Via.
///
/// It keeps nothing about a request; what a response over TCP needs to find its connection travels in Via. It does not
/// fork, resolve names or retransmit.
package struct OutboundProxy: Element {
  package enum Routing: Sendable {
    /// By RFC 3261, with `;lr`.
    case loose
    /// By RFC 2543: the Request-URI is this proxy, and what follows stands in Route.
    case strict
  }

  package struct Settings: Sendable {
    package var routing = Routing.loose
    /// Asks for credentials itself, with 407; nil: lets everybody pass.
    package var digest: DigestVerifier.Settings?
    /// Where a request goes whose next hop is a host name; nil: nowhere.
    package var nextHop: Target?

    package init(routing: Routing = .loose) { self.routing = routing }
  }

  package struct Counters: Sendable, Equatable {
    package var requestsForwarded: UInt64 = 0
    package var responsesForwarded: UInt64 = 0
    package var challenges: UInt64 = 0
    /// Requests answered here otherwise.
    package var refused: UInt64 = 0
    /// Unreadable, or a response that is not for this proxy.
    package var dropped: UInt64 = 0

    package init() {}
  }

  package var faults = Faults.none
  package private(set) var counters = Counters()
  let settings: Settings
  /// Its own address, as in Via and Path.
  let address: Endpoint
  private var verifier: DigestVerifier?

  package init(_ settings: Settings, address: Endpoint, seed: UInt64 = 0) {
    self.settings = settings
    self.address = address
    verifier = settings.digest.map { DigestVerifier($0, as: .proxy, seed: seed) }
  }

  package mutating func voidNonces() { verifier?.voidNonces() }

  package mutating func receive(_ bytes: [UInt8], over flow: Flow, at now: Instant) -> Outbound? {
    guard let message = try? Message(parsing: bytes, as: flow.target.transport.isReliable ? .stream : .datagram) else {
      counters.dropped += 1
      return nil
    }
    guard let method = message.method else { return response(message) }
    do throws(Refusal) {
      let outbound = try request(message, method, over: flow, at: now)
      counters.requestsForwarded += 1
      return outbound
    } catch {
      guard method != .ack else { return nil }
      if error.answer.status == 407 { counters.challenges += 1 } else { counters.refused += 1 }
      return message.answered(error.answer, over: flow)
    }
  }

  // MARK: Requests, §16.3 to §16.6

  struct Refusal: Error {
    var answer: Answer
    init(_ answer: Answer) { self.answer = answer }
    init(_ status: Int, _ reason: String) { answer = Answer(status, reason) }
  }

  private mutating func request(
    _ message: Message, _ method: Method, over flow: Flow, at now: Instant
  ) throws(Refusal) -> Outbound {
    if let defect = message.defect(for: .required(by: message)) { throw Refusal(Answer(defect)) }
    if let required = message.first(.proxyRequire) {
      throw Refusal(Answer(420, "Bad Extension", [(.unsupported, Array(required))]))
    }
    if faults.isUnavailable { throw Refusal(.unavailable(retryAfter: faults.retryAfter)) }
    let hops: UInt32 = message.first(.maxForwards)?.decimal() ?? 70
    guard hops > 0 else { throw Refusal(483, "Too Many Hops") }
    if method != .ack, method != .cancel { try authenticate(message, method, at: now) }
    let way = try way(of: message)
    return try forward(message, method, along: way, hops: hops - 1, over: flow)
  }

  private mutating func authenticate(_ message: Message, _ method: Method, at now: Instant) throws(Refusal) {
    guard var verifier else { return }
    let verdict = verifier.verify(message, method, at: now)
    defer { self.verifier = verifier }
    switch verdict {
    case .accepted: return
    case .wrong where faults.forbidsWrongPassword: throw Refusal(403, "Forbidden")
    case .missing, .wrong: throw Refusal(verifier.challenge(isStale: false, at: now))
    case .stale: throw Refusal(verifier.challenge(isStale: true, at: now))
    }
  }

  private func forward(
    _ message: Message, _ method: Method, along way: Way, hops: UInt32, over flow: Flow
  ) throws(Refusal) -> Outbound {
    let target = try target(of: way.nextHop)
    var writer = MessageWriter(reserving: message.bytes.count + 256)
    writer.request(method, way.requestURI)
    do {
      try writer.field(.via, via(for: message, over: target.transport, back: flow))
      for route in way.routes { try writer.field(.route, route) }
      if settings.routing == .loose, let name = recordingField(of: method) {
        try writer.field(name, text: "<sip:\(address);lr>")
      }
      writer.number(.maxForwards, hops)
      try copyFields(of: message, noting: flow.target.endpoint, into: &writer)
    } catch {
      // The writer refuses what would break a line, as a NUL in a quoted string.
      throw Refusal(400, "Unrepeatable \(error.name)")
    }
    return Outbound(bytes: writer.finish(body: message.body), destination: .target(target), token: 0)
  }

  /// How this proxy stays on the way: Path for registrations (RFC 3327 §5.2), Record-Route for dialogs (§16.6).
  private func recordingField(of method: Method) -> HeaderName? {
    switch method {
    case .register: .path
    case .invite, .subscribe, .refer: .recordRoute
    default: nil
    }
  }

  private func copyFields(
    of message: Message, noting source: Endpoint, into writer: inout MessageWriter
  ) throws(HeaderInjection) {
    var isTopmost = true
    for field in message.fields {
      switch field.name {
      case .route, .maxForwards, .contentLength: break
      case .via:
        for value in message.value(of: field).commaSeparated() {
          let noted = isTopmost ? (try? Via(parsing: value))?.noting(source: source) : nil
          try writer.field(.via, noted ?? Array(value))
          isTopmost = false
        }
      default: try writer.copy(field, of: message)
      }
    }
  }

  /// §16.11: the branch is the same for a retransmission, since it is made of the request alone.
  private func via(for message: Message, over transport: TransportProtocol, back flow: Flow) -> [UInt8] {
    var text = Array("SIP/2.0/\(transport.viaToken) \(address);branch=".utf8)
    text.append(Via.magicCookie)
    text.append(hexadecimal: message.transactionHash, digits: 16)
    if flow.target.transport.isReliable {
      text += ";flow=\(flow.connection)-\(flow.target.endpoint.port)".utf8
    }
    return text
  }

  // MARK: Responses, §16.7, §18.2.2

  private mutating func response(_ message: Message) -> Outbound? {
    let vias = message.values(.via)
    guard vias.count > 1, let own = try? Via(parsing: vias[0]), own.host == .address(address.address),
      own.port == address.port, let next = try? Via(parsing: vias[1]), let route = route(back: next, own: own),
      case .response(let status, let reason) = message.startLine
    else {
      counters.dropped += 1
      return nil
    }
    var writer = MessageWriter(reserving: message.bytes.count)
    writer.response(status: status, reason: reason.text)
    for via in vias.dropFirst() { try? writer.field(.via, via) }
    for field in message.fields where field.name != .via && field.name != .contentLength {
      try? writer.copy(field, of: message)
    }
    counters.responsesForwarded += 1
    return Outbound(bytes: writer.finish(body: message.body), destination: route, token: 0)
  }

  private func route(back next: Via, own: Via) -> Destination? {
    guard let transport = next.transport, let address = next.address else { return nil }
    guard transport.isReliable else {
      let port = next.responsePort.port ?? next.port ?? transport.defaultPort
      return .target(Target(transport: transport, endpoint: Endpoint(address: address, port: port)))
    }
    guard let parts = own.parameters["flow"]?.split(separator: UInt8(ascii: "-")), parts.count == 2,
      let connection: UInt32 = parts[0].decimal(), let port: UInt16 = parts[1].decimal()
    else { return nil }
    let target = Target(transport: transport, endpoint: Endpoint(address: address, port: port))
    return .flow(Flow(target: target, connection: connection))
  }
}

extension Capabilities {
  /// What a request requires of its other end, and the kinds of body, do not concern a proxy.
  fileprivate static func required(by message: Message) -> Capabilities {
    let types = (message.values(.contentType) + message.values(.accept)).map { $0.prefix { $0 != UInt8(ascii: ";") } }
    return Capabilities(
      optionTags: message.optionTags(.require).map(\.text), contentTypes: types.map(\.trimmed.text))
  }
}

extension Via {
  /// Where the response goes: where the request came from, else what sent-by says.
  fileprivate var address: IPAddress? {
    if let received { return received }
    if case .address(let address) = host { return address }
    return nil
  }
}
