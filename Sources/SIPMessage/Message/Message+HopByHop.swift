/// The requests that go the way of another one and share its branch (RFC 3261 §17.1.1.3, §9.1). Their Request-URI,
/// topmost Via, Route, From, Call-ID and the number of CSeq are those of the request, and they have no other Via.
extension Message {
  /// The ACK of a final response to this INVITE that is no 2xx. To is that of the response, with its tag.
  package func acknowledgement(of response: Message) -> [UInt8] { hopByHop(.ack, to: response.first(.to)) }

  /// The CANCEL of this request.
  package func cancellation() -> [UInt8] { hopByHop(.cancel, to: nil) }

  /// - Parameter to: instead of that of this request; what can not be written again is not taken
  private func hopByHop(_ method: Method, to: Bytes?) -> [UInt8] {
    guard case .request(_, let uri) = startLine, let number = try? cSeq().number else {
      preconditionFailure("\(method.text) for what is no request")
    }
    var writer = MessageWriter(reserving: bytes.count + 64)
    writer.request(method, uri)
    writer.copy(first(.via)?.firstSeparated, as: .via)
    writer.constant(.maxForwards, "70")
    for field in fields where field.name == .route { writer.copy(value(of: field), as: .route) }
    writer.copy(first(.from), as: .from)
    if !writer.copy(to, as: .to) { writer.copy(first(.to), as: .to) }
    writer.copy(first(.callID), as: .callID)
    writer.copy(Bytes("\(number) \(method.text)"), as: .cSeq)
    return writer.finish()
  }
}

extension MessageWriter {
  /// - Returns: false when there is nothing, or it would be more than a value.
  @discardableResult
  fileprivate mutating func copy(_ value: Bytes?, as name: HeaderName) -> Bool {
    guard let value else { return false }
    do throws(HeaderInjection) {
      try field(name, value)
      return true
    } catch {
      return false
    }
  }
}
