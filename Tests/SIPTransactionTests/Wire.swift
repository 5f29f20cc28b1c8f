import SIPMessage
import SIPTransaction

/// Messages as they come in, and what the layer says about them.
enum Wire {
  static let local = Endpoint(address: .v4(0xC000_0201), port: 5060)
  static let peer = Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_0202), port: 5060))

  static func user(_ number: Int32) -> TransactionUser { TransactionUser(tag: 1, number: number) }

  static func register(_ branch: Branch) -> [UInt8] { Array("REGISTER \(branch)".utf8) }

  static func invite(_ branch: Branch) -> [UInt8] {
    Array(
      """
      INVITE sip:b@192.0.2.2 SIP/2.0\r
      Via: SIP/2.0/UDP 192.0.2.1:5060;rport;branch=\(branch)\r
      Max-Forwards: 70\r
      From: <sip:a@example.test>;tag=1\r
      To: <sip:b@example.test>\r
      Call-ID: c\r
      CSeq: 1 INVITE\r
      Content-Length: 0\r
      \r\n
      """.utf8)
  }

  static func response(
    _ status: Int, to branch: String, sentBy: String = "192.0.2.1:5060", method: String = "REGISTER"
  ) -> [UInt8] {
    Array(
      """
      SIP/2.0 \(status) Words\r
      Via: SIP/2.0/UDP \(sentBy);branch=\(branch)\r
      From: <sip:a@example.test>;tag=1\r
      To: <sip:a@example.test>;tag=2\r
      Call-ID: c\r
      CSeq: 1 \(method)\r
      Content-Length: 0\r
      \r\n
      """.utf8)
  }

  static func request(
    _ method: String, branch: String? = "z9hG4bKabc", sentBy: String = "192.0.2.9:5060", callID: String = "c",
    cSeq: Int = 1
  ) -> [UInt8] {
    Array(
      """
      \(method) sip:a@192.0.2.1 SIP/2.0\r
      Via: SIP/2.0/UDP \(sentBy)\(branch.map { ";branch=\($0)" } ?? "")\r
      From: <sip:b@example.test>;tag=1\r
      To: <sip:a@example.test>\r
      Call-ID: \(callID)\r
      CSeq: \(cSeq) \(method)\r
      Content-Length: 0\r
      \r\n
      """.utf8)
  }
}

extension TransactionLayer {
  /// Lets the time pass, and the timers fire that these actions set and that are set on the way.
  ///
  /// - Returns: what else happened
  mutating func pass(_ duration: Duration, from now: inout Instant, _ actions: inout [TransactionAction]) -> [String] {
    let end = now + duration
    var lines: [String] = []
    var timers = actions.compactMap(\.setting)
    while let due = timers.filter({ isArmed($0.timer) && $0.at <= end }).min(by: { $0.at < $1.at }) {
      now = due.at
      actions = []
      timerFired(due.timer, now: now, actions: &actions)
      timers += actions.compactMap(\.setting)
      lines += actions.filter { $0.setting == nil }.map(\.line)
    }
    now = end
    return lines
  }
}

extension TransactionAction {
  /// In words, without the bytes.
  var words: String {
    switch self {
    case .send(let bytes, let destination, let client):
      "send \(bytes.count) to \(destination.target)\(client.map { " for \($0.slot)" } ?? "")"
    case .setTimer(let timer, _): "timer \(timer.side) \(timer.slot)"
    case .received(_, let status, let user): "response \(status) for \(user.number)"
    case .timedOut(let user): "timed out for \(user.number)"
    case .failed(let user, let reason): "failed for \(user.number): \(reason)"
    case .lost(let user, let reason): "lost for \(user.number): \(reason)"
    case .discarded(let user, let flaw): "discarded for \(user.number): \(flaw.name)"
    case .request(let message, _): "request \(message.method?.text ?? "")"
    case .acknowledged(_, let user): "acknowledged for \(user.number)"
    case .cancelled(_, _, let user): "cancelled for \(user.number)"
    }
  }

  /// Whom to tell when it does not leave.
  var client: ClientTransactionID? { if case .send(_, _, let client) = self { client } else { nil } }

  /// The bytes to send.
  var sent: [UInt8]? { if case .send(let bytes, _, _) = self { bytes } else { nil } }

  /// In words, with the first line of what is sent.
  var line: String {
    guard case .send(let bytes, _, let client) = self else { return words }
    let line = String(decoding: bytes.prefix { $0 != 0x0D }, as: UTF8.self)
    return line + (client.map { " for \($0.slot)" } ?? "")
  }

  /// The timer that is set, and when it is due.
  var setting: (timer: TransactionTimer, at: Instant)? {
    if case .setTimer(let timer, let instant) = self { (timer, instant) } else { nil }
  }

  var timer: TransactionTimer? { setting?.timer }
}
