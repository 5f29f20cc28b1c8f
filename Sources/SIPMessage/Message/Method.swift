/// A request method (RFC 3261 §7.1). Methods are case-sensitive.
package enum Method: Hashable, Sendable {
  case register, options, invite, ack, bye, cancel
  case info, message, notify, prack, publish, refer, subscribe, update
  case other(String)

  private static let known: [(Method, StaticString)] = [
    (.register, "REGISTER"), (.options, "OPTIONS"), (.invite, "INVITE"), (.ack, "ACK"), (.bye, "BYE"),
    (.cancel, "CANCEL"),
    (.info, "INFO"), (.message, "MESSAGE"), (.notify, "NOTIFY"), (.prack, "PRACK"), (.publish, "PUBLISH"),
    (.refer, "REFER"), (.subscribe, "SUBSCRIBE"), (.update, "UPDATE"),
  ]

  /// Method = one of the known names / token
  init(parsing token: Span<UInt8>) throws(SyntaxError) {
    if token.equals("REGISTER") {
      self = .register
      return
    }
    for (method, name) in Self.known where token.equals(name) {
      self = method
      return
    }
    guard !token.isEmpty, token.allSatisfy(\.isToken) else { throw SyntaxError("Method") }
    self = .other(unsafe token.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) })
  }

  package var text: String {
    if case .other(let name) = self { return name }
    return Self.known.first { $0.0 == self }?.1.description ?? ""
  }
}
