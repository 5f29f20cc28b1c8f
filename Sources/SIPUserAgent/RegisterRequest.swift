import SIPMessage
import SIPTransaction

/// A REGISTER (RFC 3261 §10.2), from its parts to its bytes.
struct RegisterRequest {
  let template: RegisterTemplate
  let account: Account
  let identity: CompactIdentity
  let cSeq: UInt32
  let contact: OwnContact
  /// Seconds; 0 removes the binding.
  let expires: UInt32
  /// A former Contact of ours to remove with the same request.
  let formerContact: [UInt8]?
  let authorization: [(HeaderName, [UInt8])]

  /// - Throws: when the authorization holds CR, LF or NUL: a user name can. Nothing else that is written here does.
  func bytes(branch: Branch) throws(HeaderInjection) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(1024)
    text += template.beginning
    branch.append(to: &text)
    text += template.middle
    text += (account.from ?? account.addressOfRecord).bytes
    text.append(">;tag=")
    text += identity.fromTag
    text.append("\r\nTo: <")
    text += account.addressOfRecord.bytes
    text.append(">\r\nCall-ID: ")
    identity.append(callIDTo: &text, domain: Registrant.domain(of: account))
    text.append("\r\nCSeq: ")
    text.append(decimal: UInt64(cSeq))
    text.append(" REGISTER\r\nContact: <")
    text += contact.text
    if let formerContact {
      text.append(">\r\nContact: <")
      text += formerContact
      text.append(">;expires=0\r\nExpires: ")
    } else {
      text.append(">\r\nExpires: ")
    }
    text.append(decimal: UInt64(expires))
    text.append("\r\n")
    text += template.end
    var writer = MessageWriter(continuing: text)
    for (name, value) in authorization { try writer.field(name, value) }
    return writer.finish()
  }
}
