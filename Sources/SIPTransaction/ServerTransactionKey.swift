import SIPMessage

/// What makes two requests the same to a server (RFC 3261 §17.2.3): branch, sent-by and method of the topmost Via.
/// A branch without the magic cookie, as of RFC 2543, is told apart by From tag, Call-ID and CSeq besides.
struct ServerTransactionKey: Hashable, Sendable {
  private let bytes: [UInt8]

  /// - Returns: nil for a message that can not be matched at all.
  init?(_ request: Message, method: Method) {
    guard let via = try? request.topmostVia() else { return nil }
    var bytes: [UInt8] = Array(via.branch ?? [])
    let isRFC3261 = via.branch?.prefix(7).equals(Via.magicCookie) == true
    bytes.append(0x20)
    bytes += via.host.description.utf8
    bytes.append(0x20)
    bytes += String(via.port ?? 0).utf8
    bytes.append(0x20)
    // An ACK belongs to the INVITE it acknowledges.
    bytes += (method == .ack ? Method.invite : method).text.utf8
    if !isRFC3261 {
      for part in [(try? request.from())?.tag, request.callID, request.first(.cSeq)?.prefix(while: \.isDigit)] {
        bytes.append(0x20)
        bytes += part ?? []
      }
    }
    self.bytes = bytes
  }
}
