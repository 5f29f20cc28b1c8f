import SIPMessage
import SIPTransaction
import SIPTransport

/// A SIP element of the lab: a value that is given messages and the time, and answers with what to send.
package protocol Element: Sendable {
  var faults: Faults { get set }

  /// Takes what arrived, and gives back the one message that follows from it, if any does.
  mutating func receive(_ bytes: [UInt8], over flow: Flow, at now: Instant) -> Outbound?
}

/// An answer in the making.
struct Answer {
  var status: Int
  var reason: String
  var fields: [(HeaderName, [UInt8])] = []

  init(_ status: Int, _ reason: String, _ fields: [(HeaderName, [UInt8])] = []) {
    self.status = status
    self.reason = reason
    self.fields = fields
  }

  init(_ defect: MessageDefect) {
    self.init(defect.status, defect.reason, defect.fields.map { ($0.name, $0.value) })
  }

  static func unavailable(retryAfter: UInt32?) -> Answer {
    Answer(503, "Service Unavailable", retryAfter.map { [(.retryAfter, Array(String($0).utf8))] } ?? [])
  }
}

extension Message {
  func answered(_ answer: Answer, over flow: Flow) -> Outbound {
    let bytes = response(
      status: answer.status, reason: answer.reason, toTag: String(transactionHash, radix: 16),
      receivedFrom: flow.target.endpoint, adding: answer.fields)
    return Outbound(bytes: bytes, route: .flow(responseFlow(from: flow)), token: 0)
  }

  /// RFC 3261 §18.2.2, RFC 3581 §4: without rport an answer over UDP goes to the port in Via.
  private func responseFlow(from flow: Flow) -> Flow {
    guard flow.target.transport == .udp, let via = try? topmostVia(), !via.responsePort.isPresent else { return flow }
    var flow = flow
    flow.target.endpoint.port = via.port ?? TransportProtocol.udp.defaultPort
    return flow
  }

  /// The same for a request and its retransmissions, and for hardly anything else: topmost Via, Call-ID and CSeq
  /// number by FNV-1a. The method is left out, so that CANCEL has the hash of what it cancels (§16.11).
  var transactionHash: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ bytes: Bytes) {
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    add(first(.via) ?? [])
    add(callID ?? [])
    add((first(.cSeq) ?? []).prefix(while: \.isDigit))
    return hash
  }
}
