import SIPMessage
import SIPTransaction

/// A REGISTER (RFC 3261 §10.2), from its parts to its bytes.
struct RegisterRequest {
  let template: RegisterTemplate
  let branch: Branch
  let cSeq: UInt32
  let contact: OwnContact
  /// Seconds; 0 removes the binding.
  let expires: UInt32
  /// A former Contact of ours to remove with the same request.
  let formerContact: [UInt8]?
  /// Of the credentials, where any are wanted.
  let clientNonce: [UInt8]

  /// - Throws: when a user name holds CR, LF or NUL. Nothing else that is written here can.
  ///
  /// - Parameter room: an empty array to write it into
  func bytes(
    _ account: Account, _ identity: CompactIdentity, _ authenticator: inout Authenticator,
    room: consuming [UInt8]
  ) throws(HeaderInjection) -> [UInt8] {
    var text = room
    text.append(bytes: template.beginning)
    branch.append(to: &text)
    text.append(bytes: template.middle)
    text.append(bytes: (account.from ?? account.addressOfRecord).text)
    text.append(">;tag=")
    identity.append(fromTagTo: &text)
    text.append("\r\nTo: <")
    text.append(bytes: account.addressOfRecord.text)
    text.append(">\r\nCall-ID: ")
    identity.append(callIDTo: &text, domain: Registrant.domain(of: account.addressOfRecord))
    text.append("\r\nCSeq: ")
    text.append(decimal: UInt64(cSeq))
    text.append(" REGISTER\r\nContact: <")
    text.append(bytes: contact.text)
    if let formerContact {
      text.append(">\r\nContact: <")
      text.append(bytes: formerContact)
      text.append(">;expires=0\r\nExpires: ")
    } else {
      text.append(">\r\nExpires: ")
    }
    text.append(decimal: UInt64(expires))
    text.append("\r\n")
    text.append(bytes: template.end)
    var writer = MessageWriter(continuing: consume text)
    try authenticator.authorize(
      template.digestSubject, credentials: account.credentials, clientNonce: clientNonce, to: &writer)
    return (consume writer).finish()
  }
}
