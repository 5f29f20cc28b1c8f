import SIPMessage
import SIPTransaction
import SIPUserAgent

/// Reads an input in every way in which bytes of a SIP peer are read. Nothing of it may trap.
enum MessageProbe {
  static func run(_ bytes: [UInt8]) {
    if let message = try? Message(parsing: bytes) { look(into: message) }
    frame(bytes)
    values(bytes[...])
    stun(bytes)
    agent(bytes)
    answer(bytes)
  }

  /// What is read of STUN is of STUN, and says an address that somebody can be at.
  private static func stun(_ bytes: [UInt8]) {
    guard let answer = BindingAnswer(parsing: bytes) else { return }
    precondition(BindingAnswer.isSTUN(bytes), "an answer that is not of STUN")
    precondition(answer.mapped.map { $0.port > 0 && $0.address.isOneHost } ?? true, "nobody's address")
  }

  private static func look(into message: Message) {
    let (defect, flaws) = (message.defect(), message.flaws)
    // Whoever lets nothing pass finds a flaw, or what he finds is an answer to a good request.
    if let defect, defect.status == 400, message.isRequest, flaws.isEmpty {
      precondition(message.refusal()?.status == 400, "a defect without a name: \(defect.reason)")
    }
    _ = (try? message.requestURI(), message.refusal(), message.matching, message.requestUser, message.toTag)
    for name in [HeaderName.via, .contact, .route] { _ = message.values(name) }
    _ = (try? message.topmostVia(), try? message.cSeq(), try? message.from(), try? message.to())
    _ = (try? message.contacts(), try? message.routes(), try? message.serviceRoutes())
    _ = (message.expires, message.minExpires, message.retryAfter, message.challenges, message.authenticationInfo)
    guard message.isRequest else { return }
    let source = Endpoint(address: .v4(0x7F00_0001), port: 5060)
    let response = message.response(
      status: defect?.status ?? 200, reason: defect?.reason ?? "OK", toTag: "a", receivedFrom: source)
    precondition(
      (try? Message(parsing: response)) != nil || response.count > Limits.standard.messageSize
        || message.fields.count >= Limits.standard.headerFields, "an answer of ours can not be read")
  }

  /// Bytes cut in two give the messages that they give in one piece.
  private static func frame(_ bytes: [UInt8]) {
    var whole = MessageFramer()
    var halves = MessageFramer()
    whole.append(bytes)
    let cut = bytes.count / 2
    halves.append(bytes[..<cut])
    var frames: [MessageFramer.Frame] = []
    while let frame = try? halves.next() { frames.append(frame) }
    halves.append(bytes[cut...])
    while let frame = try? halves.next() { frames.append(frame) }
    var index = 0
    while let frame = try? whole.next() {
      precondition(index < frames.count && frames[index] == frame, "a cut changes the framing")
      index += 1
    }
  }

  private static func values(_ value: Bytes) {
    if let uri = try? URI(parsing: value) {
      precondition(uri.isEquivalent(to: uri), "a URI differs from itself")
      _ = (uri.addingLooseRouting(), uri.asRequestURI(), uri.user.map(URI.unescaping))
    }
    _ = (try? NameAddr(parsing: value), try? Via(parsing: value), try? CSeq(parsing: value))
    _ = (Host(value), IPAddress(value), DeltaSeconds(value), RetryAfter(parsing: value))
    _ = try? AuthenticationInfo(parsing: value)
    if let credentials = try? DigestCredentials(parsing: value) {
      precondition(
        (try? DigestCredentials(parsing: credentials.headerValue[...])) != nil, "credentials are not read back")
    }
    guard let challenge = try? Challenge(parsing: value, from: .server) else { return }
    var authenticator = Authenticator()
    let credentials: ShortList = [Credential(username: "alice", password: "secret")]
    guard authenticator.challenged(by: [challenge], credentials: credentials) == .answer,
      let uri = try? URI("sip:example.com")
    else { return }
    let subject = DigestSubject(method: .register, uri: uri.text)
    var text: [UInt8] = []
    // What a challenge holds may be refused, and nothing else may come of it.
    try? authenticator.authorize(subject, credentials: credentials, clientNonce: Array("c".utf8).span, to: &text)
  }

  private static func agent(_ bytes: [UInt8]) {
    var agent = UserAgent(random: Zeros())
    var effects: [Effect] = []
    let flow = Flow(target: Target(transport: .udp, endpoint: Endpoint(address: .v4(0x7F00_0001), port: 5060)))
    agent.handle(.received(bytes, flow), now: Instant(nanoseconds: 1), effects: &effects)
    agent.handle(.received(bytes, flow), now: Instant(nanoseconds: 2), effects: &effects)
  }

  private static let branch = Branch(slot: 0, serial: 1, chance: 7)

  private static let request = Array(
    """
    REGISTER sip:a.test SIP/2.0\r
    Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=\(branch)\r
    From: <sip:a@a.test>;tag=1\r
    To: <sip:a@a.test>\r
    Call-ID: c@a.test\r
    CSeq: 1 REGISTER\r
    \r\n
    """.utf8)

  private static let repetition = Array(
    """
    SIP/2.0 200 OK\r
    Via: SIP/2.0/UDP 127.0.0.1:5060;rport=5060;branch=\(branch);received=127.0.0.1\r
    From: <sip:a@a.test>;tag=1\r
    To: <sip:a@a.test>;tag=2\r
    Call-ID: c@a.test\r
    CSeq: 1 REGISTER\r
    \r\n
    """.utf8)

  /// An answer with the bytes somewhere in it has the same verdict whether it is compared with its request or read in
  /// full.
  private static func answer(_ bytes: [UInt8]) {
    guard bytes.count > 2 else { return }
    let start = (Int(bytes[0]) << 8 | Int(bytes[1])) % repetition.count
    var answer = repetition
    answer.replaceSubrange(start..<min(start + Int(bytes[2] % 32), answer.count), with: bytes[3...])
    guard let message = try? Message(parsing: answer), let status = message.status else { return }
    let now = Instant(nanoseconds: 1)
    var compared = TransactionLayer()
    var actions: [TransactionAction] = []
    let local = Endpoint(address: .v4(0x7F00_0001), port: 5060)
    let target = Target(transport: .udp, endpoint: local)
    compared.start(
      compared.reserve(chance: branch.chance), request, user: TransactionUser(tag: 0, number: 1), method: .register,
      to: .target(target), local: local,
      now: now, actions: &actions)
    var read = compared
    var done: (compared: [TransactionAction], read: [TransactionAction]) = ([], [])
    compared.received(response: message, status: status, now: now, actions: &done.compared)
    read.received(reading: message, status: status, now: now, actions: &done.read)
    precondition(
      compared.counters == read.counters && compared.clientCount == read.clientCount
        && done.compared.count == done.read.count, "an answer has two verdicts")
    // Whoever lets nothing pass takes nothing that is not taken here, but what is somebody else's.
    let isTaken = read.counters.discarded.total == 0 && read.counters.strayResponses == 0
    precondition(isTaken || !isStrictlyOurs(message), "a good answer is not taken")
  }

  /// Read strictly, and with branch, sent-by and method of the request.
  private static func isStrictlyOurs(_ message: Message) -> Bool {
    guard let essentials = try? message.essentials() else { return false }
    return essentials.via.branch.flatMap { Branch($0) } == branch && essentials.cSeq.method == .register
      && essentials.via.host == Host("127.0.0.1") && essentials.via.port == 5060
  }

  private struct Zeros: RandomNumberGenerator, Sendable {
    mutating func next() -> UInt64 { 0 }
  }
}
