import SIPMessage

/// What a user agent without a call answers to the requests it receives (RFC 3261 §8.2). Nothing but ACK stays
/// unanswered. It has no memory: the answer to a repeated request follows from the request again (§8.2.7).
struct UserAgentServer: Sendable {
  /// The key of the To tags, so that nobody can foretell one from others. Half of it is drawn at the beginning, the other
  /// half when the first request comes.
  private let half: UInt64
  private var key: SipHash.Key?

  init(chance: UInt64) { half = chance }

  /// Has to be called before a request is answered.
  mutating func prepare(chance: @autoclosure () -> UInt64) {
    if key == nil { key = SipHash.Key(low: half, high: chance()) }
  }

  private var hash: SipHash {
    guard let key else { preconditionFailure("a request is answered that nobody prepared for") }
    return SipHash(key)
  }

  struct Answer {
    var status: Int
    var reason: String
    var fields: [(HeaderName, [UInt8])] = []
  }

  /// Whom the Request-URI names (§8.2.2.1).
  enum Addressee: Equatable {
    case account(Int32)
    /// The URI has no user, or not all accounts have been looked at.
    case anybody
    case nobody
  }

  /// - Parameter isFromNextHop: whether what only a next hop may ask for comes from where requests of ours go
  /// - Returns: nil for ACK.
  func answer(to request: Message, method: Method, for addressee: Addressee, isFromNextHop: Bool) -> Answer? {
    guard method != .ack else { return nil }
    if let defect = request.refusal() {
      return Answer(
        status: defect.status, reason: defect.reason, fields: defect.fields.map { ($0.name, $0.value) })
    }
    let isInDialog = request.toTag != nil
    switch method {
    case .cancel, .bye:
      return Self.noDialog
    case .options:
      if isInDialog { return Self.noDialog }
      // A registrar or proxy that asks whether we are alive may do so in its own name, and only 200 says that we are.
      if addressee == .nobody, !isFromNextHop { return Self.notFound }
      return Answer(
        status: 200, reason: "OK",
        fields: [Self.allow, (.accept, Array("application/sdp".utf8)), (.supported, Array("path".utf8))])
    case .invite:
      if isInDialog { return Self.noDialog }
      return addressee == .nobody ? Self.notFound : Answer(status: 480, reason: "Temporarily Unavailable")
    case .notify:
      // Nobody subscribed: registrars tell of waiting messages so all the same, and go on until they hear 200.
      if isInDialog { return Self.noDialog }
      return addressee == .nobody ? Self.notFound : Answer(status: 200, reason: "OK")
    case .register, .info, .message, .prack, .publish, .refer, .subscribe, .update:
      return isInDialog ? Self.noDialog : Answer(status: 405, reason: "Method Not Allowed", fields: [Self.allow])
    case .other:
      return Answer(status: 501, reason: "Not Implemented", fields: [Self.allow])
    case .ack:
      return nil
    }
  }

  private static let noDialog = Answer(status: 481, reason: "Call/Transaction Does Not Exist")
  private static let notFound = Answer(status: 404, reason: "Not Found")
  private static let allow = (HeaderName.allow, Array(RegisterTemplate.allow.description.utf8))

  /// Of what is the same in all copies of a request, and in its ACK and CANCEL.
  func toTag(for request: Message, _ via: Via) -> String {
    var hash = hash
    hash.add(apart: request.callID ?? [])
    hash.add(apart: request.first(.from) ?? [])
    hash.add(apart: request.first(.cSeq)?.prefix(while: \.isDigit) ?? [])
    hash.add(apart: via.branch ?? [])
    let value = hash.value()
    return String(decoding: [UInt8](reserving: 16) { $0.append(hexadecimal: value, digits: 16) }, as: UTF8.self)
  }

  func hash(ofUser user: [UInt8]) -> UInt64 {
    var hash = hash
    hash.add(user.span)
    return hash.value()
  }
}
