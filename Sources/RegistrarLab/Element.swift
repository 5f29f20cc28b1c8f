import SIPMessage
import SIPTransport

/// A SIP element of the lab: a value that is given messages and the time, and answers with what to send.
package protocol Element: Sendable {
  var faults: Faults { get set }

  /// Takes what arrived, and gives back the one message that follows from it, if any does.
  mutating func receive(_ bytes: [UInt8], over flow: Flow, at now: Instant) -> Outbound?
}

/// An answer in the making.
struct Answer: Error {
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
    var writer = beginAnswer(answer.status, answer.reason, hash: transactionHash, over: flow)
    for (name, value) in answer.fields { try? writer.field(name, value) }
    return Outbound(bytes: writer.finish(), destination: .flow(flow.answering(try? topmostVia())), token: 0)
  }

  /// The answer up to its own header fields.
  func beginAnswer(
    _ status: Int, _ reason: String, hash: UInt64, over flow: Flow, _ essentials: Essentials? = nil
  ) -> MessageWriter {
    var tag: [UInt8] = []
    tag.append(hexadecimal: hash, digits: 16)
    return beginResponse(
      status: status, reason: reason, toTag: tag, receivedFrom: flow.target.endpoint, essentials: essentials)
  }

  /// What a request and its retransmissions have in common, and hardly anything else has: a hash of topmost Via, Call-ID
  /// and CSeq number. The method is left out, so that CANCEL has the hash of what it cancels (§16.11).
  var transactionHash: UInt64 {
    var parts: (via: HeaderField?, callID: HeaderField?, cSeq: HeaderField?)
    for field in fields {
      switch field.name {
      case .via where parts.via == nil: parts.via = field
      case .callID where parts.callID == nil: parts.callID = field
      case .cSeq where parts.cSeq == nil: parts.cSeq = field
      default: break
      }
    }
    var hash = TextHash()
    let bytes = bytes.span
    if let via = parts.via { hash.add(bytes.extracting(via.value)) }
    if let callID = parts.callID { hash.add(bytes.extracting(callID.value)) }
    if let cSeq = parts.cSeq {
      let end = bytes.first(0x20, in: cSeq.value) ?? cSeq.value.upperBound
      hash.add(bytes.extracting(cSeq.value.lowerBound..<end))
    }
    return hash.value
  }
}
