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
  /// Whether Path is offered (RFC 3327 §5.1).
  var offersPath: Bool
  var userAgent: String
  var authorization: [(HeaderName, [UInt8])]

  /// What is answered here at all: OPTIONS, and the methods of a call with what a user agent without a call says.
  static let allow: StaticString = "INVITE, ACK, CANCEL, BYE, OPTIONS"

  /// - Throws: never for what passed the configuration; a value with CR, LF or NUL is refused.
  func bytes(branch: Branch) throws(HeaderInjection) -> [UInt8] {
    var writer = MessageWriter(reserving: 1024)
    writer.request(.register, application.requestURI)
    try writer.field(.via) {
      $0.append("SIP/2.0/" as StaticString)
      $0.append(text: transport.viaToken)
      $0.append(UInt8(ascii: " "))
      $0.append(local)
      $0.append(";rport;branch=" as StaticString)
      branch.append(to: &$0)
    }
    writer.constant(.maxForwards, "70")
    for route in application.routes { try writer.field(.route) { Self.append(route.text, to: &$0) } }
    try writer.field(.from) {
      Self.append((account.from ?? account.addressOfRecord).text, to: &$0)
      $0.append(";tag=" as StaticString)
      $0.append(text: identity.fromTag)
    }
    try writer.field(.to) { Self.append(account.addressOfRecord.text, to: &$0) }
    try writer.field(.callID, text: identity.callID)
    try writer.field(.cSeq) {
      $0.append(decimal: UInt64(cSeq))
      $0.append(" REGISTER" as StaticString)
    }
    try writer.field(.contact) { Self.append(contact.uri.text, to: &$0) }
    if let formerContact {
      try writer.field(.contact) {
        Self.append(formerContact, to: &$0)
        $0.append(";expires=0" as StaticString)
      }
    }
    writer.number(.expires, expires)
    if offersPath { writer.constant(.supported, "path") }
    writer.constant(.allow, Self.allow)
    try writer.field(.userAgent, text: userAgent)
    for (name, value) in authorization { try writer.field(name, value) }
    return writer.finish()
  }

  /// name-addr = LAQUOT addr-spec RAQUOT
  private static func append(_ uri: Bytes, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "<"))
    bytes += uri
    bytes.append(UInt8(ascii: ">"))
  }
}
