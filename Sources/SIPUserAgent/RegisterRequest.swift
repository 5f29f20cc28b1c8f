import SIPMessage
import SIPTransaction

/// A REGISTER (RFC 3261 §10.2), from its parts to its bytes.
struct RegisterRequest {
  var account: Account
  var identity: Identity
  var application: RouteSet.Application
  var cSeq: UInt32
  var contact: OwnContact
  /// Seconds; 0 removes the binding.
  var expires: UInt32
  /// A former Contact of ours to remove with the same request.
  var formerContact: Bytes?
  var transport: TransportProtocol
  var local: Endpoint
  var userAgent: String
  var authorization: [(HeaderName, [UInt8])]

  /// What is answered here at all: OPTIONS, and the methods of a call with what a user agent without a call says.
  static let allow: StaticString = "INVITE, ACK, CANCEL, BYE, OPTIONS"

  /// - Throws: never for what passed the configuration; a value with CR, LF or NUL is refused.
  func bytes(branch: Branch) throws(HeaderInjection) -> [UInt8] {
    var writer = MessageWriter(reserving: 1024)
    writer.request(.register, application.requestURI)
    var via = Array("SIP/2.0/\(transport.viaToken) \(local);rport;branch=".utf8)
    branch.append(to: &via)
    try writer.field(.via, via)
    writer.constant(.maxForwards, "70")
    for route in application.routes { try writer.field(.route, Self.bracketed(route.text)) }
    try writer.field(
      .from, Self.bracketed((account.from ?? account.addressOfRecord).text) + ";tag=".utf8 + identity.fromTag.utf8)
    try writer.field(.to, Self.bracketed(account.addressOfRecord.text))
    try writer.field(.callID, text: identity.callID)
    try writer.field(.cSeq, text: "\(cSeq) REGISTER")
    try writer.field(.contact, Self.bracketed(contact.uri.text))
    if let formerContact { try writer.field(.contact, Self.bracketed(formerContact) + ";expires=0".utf8) }
    writer.number(.expires, expires)
    writer.constant(.supported, "path")
    writer.constant(.allow, Self.allow)
    try writer.field(.userAgent, text: userAgent)
    for (name, value) in authorization { try writer.field(name, value) }
    return writer.finish()
  }

  private static func bracketed(_ text: Bytes) -> [UInt8] {
    var bytes: [UInt8] = [UInt8(ascii: "<")]
    bytes.reserveCapacity(text.count + 32)
    bytes += text
    bytes.append(UInt8(ascii: ">"))
    return bytes
  }
}
