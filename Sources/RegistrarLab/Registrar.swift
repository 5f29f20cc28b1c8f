import SIPMessage
import SIPTransport

/// A registrar and its location service (RFC 3261 §10.3, Path by RFC 3327), for demonstrations, tests and benchmarks.
///
/// An honest one: digest, nonces with an end, expiry, CSeq order. It keeps no transactions: a retransmission is known by
/// what the address-of-record was last told, so that memory depends on accounts and not on requests. Only the last
/// request of an address-of-record is known that way. It does not route calls and takes any domain for its own.
package struct Registrar: Element {
  package struct Settings: Sendable {
    package var digest = DigestVerifier.Settings()
    /// Off: everybody gets in.
    package var challenges = true
    /// In seconds: what is shorter is answered with 423.
    package var minimumExpires: UInt32 = 1
    /// In seconds: what is longer is shortened.
    package var maximumExpires: UInt32 = 7200
    /// In seconds: where the request names none.
    package var defaultExpires: UInt32 = 3600
    /// Contacts of one address-of-record.
    package var maximumContacts = 32

    package init() {}
  }

  static let capabilities = Capabilities(optionTags: ["path"])

  package var faults = Faults.none
  let settings: Settings
  var verifier: DigestVerifier
  var records = RecordTable()
  var counters = RegistrarCounters()
  var leads = LeadHistogram()
  /// Of the request at hand.
  var addressOfRecord = AddressOfRecord()

  package init(_ settings: Settings = Settings(), seed: UInt64 = 0) {
    self.settings = settings
    verifier = DigestVerifier(settings.digest, as: .server, seed: seed)
  }

  // MARK: Receiving

  package mutating func receive(_ bytes: [UInt8], over flow: Flow, at now: Instant) -> Outbound? {
    guard let message = try? Message(parsing: bytes, as: flow.target.transport.isReliable ? .stream : .datagram) else {
      counters.malformed += 1
      return nil
    }
    guard let method = message.method, method != .ack else { return nil }
    do throws(MessageDefect) {
      let essentials = try message.essentials()
      if let defect = message.defect(for: Self.capabilities, besides: essentials) { throw defect }
      let request = Request(essentials: essentials, hash: message.transactionHash)
      let outcome = method == .register ? register(message, request, at: now) : .answered(Self.answer(to: method))
      return answer(message, request, with: outcome, over: flow, at: now)
    } catch {
      counters.malformed += 1
      return message.answered(Answer(error), over: flow)
    }
  }

  private static func answer(to method: Method) -> Answer {
    switch method {
    case .options: Answer(200, "OK", [(.allow, allowed)])
    case .cancel: Answer(481, "Call/Transaction Does Not Exist")
    default: Answer(405, "Method Not Allowed", [(.allow, allowed)])
    }
  }

  private static let allowed = Array("REGISTER, OPTIONS".utf8)

  /// What of a request without a defect is needed more than once.
  struct Request {
    let essentials: Message.Essentials
    let hash: UInt64

    var cSeq: UInt32 { essentials.cSeq.number }
  }

  private enum Outcome {
    /// The bindings of this record; nil: there are none.
    case listed(Int?)
    case challenged(isStale: Bool)
    case answered(Answer)
  }

  private mutating func register(_ message: Message, _ request: Request, at now: Instant) -> Outcome {
    counters.requests += 1
    if counters.firstRequestAt == nil { counters.firstRequestAt = now }
    do throws(Answer) {
      if faults.isUnavailable { throw .unavailable(retryAfter: faults.retryAfter) }
      return try admit(message, request, at: now)
    } catch {
      counters.refused += 1
      return .answered(error)
    }
  }

  /// §10.3 steps 3 to 5.
  private mutating func admit(_ message: Message, _ request: Request, at now: Instant) throws(Answer) -> Outcome {
    let isOurs = readAddressOfRecord(of: message, request.essentials.to)
    let number = isOurs ? records.number(of: addressOfRecord.bytes) : nil
    var secret: DigestCalculation.Secret?
    if settings.challenges {
      guard let credentials = verifier.credentials(in: message) else {
        return challenged(isStale: false)
      }
      let isOwner = isOurs && credentials.text.span.extracting(credentials.username).equals(addressOfRecord.user.span)
      if isOwner, let number { secret = records[number].secret }
      switch verifier.judge(credentials, .register, request: request.hash, at: now, secret: &secret) {
      case .accepted: if !isOwner { secret = nil }
      case .wrong where faults.forbidsWrongPassword: throw Answer(403, "Forbidden")
      case .missing, .wrong: return challenged(isStale: false)
      case .stale: return challenged(isStale: true)
      }
    }
    guard isOurs else { throw Answer(404, "Not Found") }
    let updated = try update(number, by: message, request, at: now)
    if let updated, let secret { records[updated].secret = secret }
    return .listed(updated)
  }

  private mutating func readAddressOfRecord(of message: Message, _ layout: NameAddr.Layout) -> Bool {
    message.first(.to).map { addressOfRecord.read($0.part(layout.uri), layout.uriLayout) } ?? false
  }

  private mutating func challenged(isStale: Bool) -> Outcome {
    counters.challenges += 1
    if isStale { counters.staleChallenges += 1 }
    return .challenged(isStale: isStale)
  }

  // MARK: Answering

  private mutating func answer(
    _ message: Message, _ request: Request, with outcome: Outcome, over flow: Flow, at now: Instant
  ) -> Outbound {
    func begin(_ status: Int, _ reason: String) -> MessageWriter {
      message.beginAnswer(status, reason, hash: request.hash, over: flow, request.essentials)
    }
    var writer: MessageWriter
    switch outcome {
    case .listed(let number):
      writer = begin(200, "OK")
      list(number, for: message, at: now, into: &writer)
    case .challenged(let isStale):
      writer = begin(401, "Unauthorized")
      verifier.writeChallenge(isStale: isStale, at: now, into: &writer)
    case .answered(let answer):
      writer = begin(answer.status, answer.reason)
      for (name, value) in answer.fields { try? writer.field(name, value) }
    }
    return Outbound(bytes: writer.finish(), destination: .flow(flow.answering(request.essentials.via)), token: 0)
  }

  /// §10.3 step 8: every binding with its expiry, and the Path that was stored (RFC 3327 §5.3).
  private func list(_ number: Int?, for message: Message, at now: Instant, into writer: inout MessageWriter) {
    if let number {
      for binding in records[number].bindings {
        try? writer.field(.contact) { binding.append(contactAt: now, to: &$0) }
      }
    }
    message.forEachValue(.path) { path in
      try? writer.field(.path, path)
      return true
    }
  }
}
