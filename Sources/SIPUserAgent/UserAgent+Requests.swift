import SIPMessage

/// Requests of others: what is answered, where the answer goes, and what is told of it.
extension UserAgent {
  /// What an answer may repeat of its request (§8.2.6.2), in bytes: 70 Vias of 100 bytes and room for odd Call-IDs. What
  /// has more is not answered, so that nobody has us carry it.
  static let longestRepetition = 8_192
  /// Bytes of a user that is looked for. No account has a longer one that a person would write.
  private static let longestUser = 1_024

  mutating func received(request: Message, over flow: Flow, now: Instant, effects: inout [Effect]) {
    guard let method = request.method, method != .ack else { return }
    counters.requests.count(method)
    guard let via = request.toleratedVia else {
      return drop(request, method, .via, flow, now: now, effects: &effects)
    }
    guard request.repeatedLength <= Self.longestRepetition else {
      return drop(request, method, .tooLongToAnswer, flow, now: now, effects: &effects)
    }
    counters.ignored.count(request.flaws)
    server.prepare(chance: random.next())
    let addressee = addressee(of: request)
    let asksForOthers = via.parameters.contains("maddr") || method == .options && addressee == .nobody
    let isFromNextHop = asksForOthers && isNextHop(flow.target.endpoint.address)
    guard let answer = server.answer(to: request, method: method, for: addressee, isFromNextHop: isFromNextHop)
    else { return }
    counters.answeredRequests += 1
    let response = request.response(
      status: answer.status, reason: answer.reason, toTag: server.toTag(for: request, via),
      receivedFrom: flow.target.endpoint, adding: answer.fields)
    let way = flow.answering(via, trusted: isFromNextHop)
    perform(transactions.respond(response, over: way), now: now, effects: &effects)
    tell(of: request, method, flow, .answered(status: answer.status), addressee, now: now, effects: &effects)
  }

  /// Nobody knows where an answer would go, or it would be too much.
  private mutating func drop(
    _ request: Message, _ method: Method, _ flaw: Flaw, _ flow: Flow, now: Instant, effects: inout [Effect]
  ) {
    counters.droppedRequests += 1
    counters.dropped.count(flaw)
    tell(of: request, method, flow, .dropped(flaw), .anybody, now: now, effects: &effects)
  }

  /// Next hops that are looked at for one request: a stranger must not have us look at a hundred thousand.
  private static let hopsLookedAt = 1_024

  /// Requests of ours go there, and it has answered: its word counts for more than a stranger's.
  private func isNextHop(_ address: IPAddress) -> Bool {
    hops.prefix(Self.hopsLookedAt).contains { $0.goodTarget?.endpoint.address == address }
  }

  // MARK: Whose it is

  private mutating func addressee(of request: Message) -> UserAgentServer.Addressee {
    guard let written = request.requestUser else { return .anybody }
    guard written.count <= Self.longestUser else { return .nobody }
    let user = URI.unescaping(written)
    takeInUsers()
    let found = addressees.find(server.hash(ofUser: user)) { self.user(of: $0) == user }
    if let found { return .account(found) }
    return addressees.next < registrants.count ? .anybody : .nobody
  }

  private mutating func takeInUsers() {
    guard addressees.next < registrants.count else { return }
    var index = Addressees()
    swap(&index, &addressees)
    index.reserve(registrants.count)
    for number in index.next..<min(index.next + Addressees.slice, registrants.count) {
      let user = user(of: Int32(number))
      index.append(Int32(number), user.map { server.hash(ofUser: $0) }) { self.user(of: $0) == user }
    }
    swap(&index, &addressees)
  }

  /// The user of an account's Contact.
  private func user(of slot: Int32) -> [UInt8]? {
    guard let account = self[slot]?.account else { return nil }
    return account.contact.user.map { Array($0.utf8) } ?? account.addressOfRecord.user.map(URI.unescaping)
  }

  // MARK: What is told of it

  /// Calls and notices, and what could not be answered.
  private mutating func tell(
    of request: Message, _ method: Method, _ flow: Flow, _ outcome: ArrivedRequest.Outcome,
    _ addressee: UserAgentServer.Addressee, now: Instant, effects: inout [Effect]
  ) {
    let untold: Int? =
      switch (outcome, method) {
      case (.dropped, _): gates.dropped.pass(now: now)
      case (.answered, .invite): gates.invites.pass(now: now)
      case (.answered, .notify): gates.notices.pass(now: now)
      case (.answered, _): nil
      }
    guard let untold else { return }
    let account: AccountID? = if case .account(let slot) = addressee { id(slot) } else { nil }
    effects.append(
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
