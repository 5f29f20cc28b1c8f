import SIPMessage
import SIPTransaction

/// Requests of others: what is answered, where the answer goes, and what is told of it.
extension UserAgent {
  /// What an answer may repeat of its request (§8.2.6.2), in bytes: 70 Vias of 100 bytes and room for odd Call-IDs. What
  /// has more is not answered, so that nobody has us carry it.
  static let longestRepetition = 8_192
  /// Bytes of a user that is looked for. No account has a longer one that a person would write.
  private static let longestUser = 1_024

  mutating func received(request: Message, over flow: Flow) {
    guard let method = request.method, method != .ack else { return }
    client.counters.requests.count(method)
    guard let via = request.toleratedVia else { return drop(request, method, .via, flow) }
    guard request.repeatedLength <= Self.longestRepetition else {
      return drop(request, method, .tooLongToAnswer, flow)
    }
    client.counters.ignored.count(request.flaws)
    server.prepare(chance: client.turn.chance.next())
    let addressee = addressee(of: request)
    let asksForOthers = via.parameters.contains("maddr") || method == .options && addressee == .nobody
    let isFromNextHop =
      asksForOthers && client.nextHops.haveHeard(from: flow.target.endpoint.address, among: Self.hopsLookedAt)
    guard let answer = server.answer(to: request, method: method, for: addressee, isFromNextHop: isFromNextHop)
    else { return }
    client.counters.answeredRequests += 1
    let response = request.response(
      status: answer.status, reason: answer.reason, toTag: server.toTag(for: request, via),
      receivedFrom: flow.target.endpoint, adding: answer.fields)
    let way = flow.answering(via, trusted: isFromNextHop)
    _ = client.carryOut(client.transactions.respond(response, over: way))
    tell(of: request, method, flow, .answered(status: answer.status), addressee)
  }

  /// Nobody knows where an answer would go, or it would be too much.
  private mutating func drop(_ request: Message, _ method: Method, _ flaw: Flaw, _ flow: Flow) {
    client.counters.droppedRequests += 1
    client.counters.dropped.count(flaw)
    tell(of: request, method, flow, .dropped(flaw), .anybody)
  }

  /// Next hops that are looked at for one request: a stranger must not have us look at a hundred thousand. The word of
  /// one that requests of ours go to counts for more than a stranger's.
  private static let hopsLookedAt = 1_024

  // MARK: Whose it is

  private mutating func addressee(of request: Message) -> UserAgentServer.Addressee {
    guard let written = request.requestUser else { return .anybody }
    guard written.count <= Self.longestUser else { return .nobody }
    let user = URI.unescaping(written)
    let server = server
    takeInUsers()
    let found = registrations.addressees.find(server.hash(ofUser: user)) {
      registrations[$0]?.account.contactUser == user
    }
    if let found { return .account(found) }
    return registrations.addressees.next < Int(registrations.indices.upperBound) ? .anybody : .nobody
  }

  /// The next ones that have not been looked at.
  private mutating func takeInUsers() {
    let server = server
    registrations.takeInUsers { server.hash(ofUser: $0) }
  }

  // MARK: What is told of it

  /// Calls and notices, and what could not be answered.
  private mutating func tell(
    of request: Message, _ method: Method, _ flow: Flow, _ outcome: ArrivedRequest.Outcome,
    _ addressee: UserAgentServer.Addressee
  ) {
    let now = client.turn.now
    let untold: Int? =
      switch (outcome, method) {
      case (.dropped, _): gates.dropped.pass(now: now)
      case (.answered, .invite): gates.invites.pass(now: now)
      case (.answered, .notify): gates.notices.pass(now: now)
      case (.answered, _): nil
      }
    guard let untold else { return }
    let account: AccountID? = if case .account(let slot) = addressee { registrations[slot]?.id } else { nil }
    client.turn.effects.append(
      .reportRequest(
        ArrivedRequest(
          method: Bytes(method.text).shown(16), from: request.shownFrom, to: request.shownRequestURI,
          source: flow.target, subject: method == .notify ? request.noticeSubject : nil, outcome: outcome,
          account: account, untold: untold)))
  }
}

extension Message {
  fileprivate var shownFrom: String { ((try? from())?.uri.text ?? first(.from) ?? []).shown() }

  fileprivate var shownRequestURI: String {
    switch startLine {
    case .request(_, let uri): uri.shown()
    case .response: ""
    }
  }

  /// The event package, and of waiting messages whether there are any (RFC 3842 §5.2).
  fileprivate var noticeSubject: String {
    let package = first(.event)?.prefix { $0 != UInt8(ascii: ";") }.trimmed ?? []
    guard package.equalsIgnoringCase("message-summary") else { return package.shown(32) }
    let wanted = "messages-waiting:"
    let line = body.prefix(1024).split(separator: 0x0A).first {
      $0.prefix(wanted.utf8.count).equalsIgnoringCase(wanted.utf8)
    }
    guard let words = line?.dropFirst(wanted.utf8.count).trimmed else { return package.shown(32) }
    return "\(package.shown(32)), messages waiting: \(words.shown(16))"
  }
}

extension ArraySlice<UInt8> {
  fileprivate func shown(_ limit: Int = 96) -> String { printable(atMost: limit, ending: "…") }
}
