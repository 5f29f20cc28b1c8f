import SIPMessage

/// What a user agent without a call answers to the requests it receives (RFC 3261 §8.2). Nothing but ACK stays
/// unanswered.
struct UserAgentServer: Sendable {
  /// Keys the To tags: the answer to a repeated request has the same tag, and nobody can guess it (§8.2.7).
  let secret: UInt64

  struct Answer {
    var status: Int
    var reason: String
    var fields: [(HeaderName, [UInt8])] = []
  }

  /// - Parameter hasCancelled: whether a CANCEL names a transaction that is still known
  /// - Returns: nil for ACK.
  func answer(to request: Message, method: Method, hasCancelled: Bool) -> Answer? {
    guard method != .ack else { return nil }
    if let defect = request.defect() {
      return Answer(
        status: defect.status, reason: defect.reason, fields: defect.fields.map { ($0.name, $0.value) })
    }
    let isInDialog = (try? request.to())?.tag != nil
    switch method {
    case .cancel:
      return hasCancelled ? Answer(status: 200, reason: "OK") : Self.noDialog
    case .options:
      if isInDialog { return Self.noDialog }
      return Answer(
        status: 200, reason: "OK",
        fields: [Self.allow, (.accept, Array("application/sdp".utf8)), (.supported, Array("path".utf8))])
    case .invite:
      return isInDialog ? Self.noDialog : Answer(status: 480, reason: "Temporarily Unavailable")
    case .bye:
      return Self.noDialog
    case .register, .info, .message, .notify, .prack, .publish, .refer, .subscribe, .update:
      return isInDialog ? Self.noDialog : Answer(status: 405, reason: "Method Not Allowed", fields: [Self.allow])
    case .other:
      return Answer(status: 501, reason: "Not Implemented", fields: [Self.allow])
    case .ack:
      return nil
    }
  }

  private static let noDialog = Answer(status: 481, reason: "Call/Transaction Does Not Exist")
  private static let allow = (HeaderName.allow, Array(RegisterTemplate.allow.description.utf8))

  /// FNV-1a over the secret and what identifies the request.
  func toTag(for request: Message) -> String {
    var hash = 0xcbf2_9ce4_8422_2325 ^ secret
    func mix(_ bytes: Bytes) { for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
    mix(request.callID ?? [])
    mix((try? request.from())?.tag ?? [])
    mix((try? request.topmostVia())?.branch ?? [])
    hash ^= secret
    hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
    return String(
      decoding: [UInt8](room: 16) { $0.append(hexadecimal: hash ^ hash >> 33, digits: 16) }, as: UTF8.self)
  }
}
