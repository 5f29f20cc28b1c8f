import SIPMessage
import SIPTransaction

/// A REGISTER (RFC 3261 §10.2), from its parts to its bytes: what is new in each.
///
/// It has no need of a `MessageWriter`, which looks at each value: a URI, an identity and a template were checked when
/// they were made, and a user name is where it is written (`Authenticator`).
struct RegisterRequest {
  let branch: Branch
  let cSeq: UInt32
  /// Seconds; 0 removes the binding.
  let expires: UInt32
  /// Of the credentials, where any are wanted.
  let clientNonce: UInt64
  /// Behind our Contact, each with a semicolon before it; empty without outbound.
  var contactParameters: [UInt8] = []

  /// - Parameters:
  ///   - contact: ours, a URI
  ///   - formerContact: one of ours to remove with the same request; not with outbound, where a Contact takes the place of
  ///     the one before by itself (RFC 5626 §6)
  ///   - room: an empty array to write it into
  /// - Throws: when a user name holds CR, LF or NUL. Nothing else that is written here can.
  func bytes(
    _ template: RegisterTemplate, _ account: Account, _ identity: CompactIdentity, contact: [UInt8],
    formerContact: [UInt8]?, _ authenticator: inout Authenticator, room: consuming [UInt8]
  ) throws(HeaderInjection) -> [UInt8] {
    let (to, from) = (account.addressOfRecord, account.from ?? account.addressOfRecord)
    let length =
      256 + template.length + Branch.length + from.length + to.length + identity.fromTagRoom
      + identity.callIDRoom(domain: to.domainRoom) + contact.count + contactParameters.count
      + (formerContact?.count ?? 0)
    room.append(reserving: length) { text in
      append(template, from: from, to: to, identity, contact: contact, formerContact: formerContact, to: &text)
    }
    let clientNonce = TextWriter.hexadecimal(clientNonce)
    try authenticator.authorize(
      template.digestSubject, credentials: account.credentials, clientNonce: clientNonce.span, to: &room)
    room.append("Content-Length: 0\r\n\r\n")
    return room
  }

  /// Without its credentials.
  func append(
    _ template: RegisterTemplate, from: URI, to: URI, _ identity: CompactIdentity, contact: [UInt8],
    formerContact: [UInt8]?, to text: inout TextWriter
  ) {
    for field in RepeatedField.allCases {
      switch field {
      case .via:
        text.append(bytes: template.beginning)
        branch.append(to: &text)
        text.append(bytes: template.middle)
      case .from:
        text.append("From: <")
        text.append(from)
        text.append(">;tag=")
        identity.append(fromTagTo: &text)
      case .to:
        text.append("\r\nTo: <")
        text.append(to)
        text.append(">")
      case .callID:
        text.append("\r\nCall-ID: ")
        identity.append(callIDTo: &text, of: to)
      case .cSeq:
        text.append("\r\nCSeq: ")
        text.append(decimal: UInt64(cSeq))
        text.append(" REGISTER")
      }
    }
    text.append("\r\nContact: <")
    text.append(bytes: contact)
    if let formerContact {
      text.append(">\r\nContact: <")
      text.append(bytes: formerContact)
      text.append(">;expires=0")
    } else {
      text.append(">")
      text.append(bytes: contactParameters)
    }
    text.append("\r\nExpires: ")
    text.append(decimal: UInt64(expires))
    text.append("\r\n")
    text.append(bytes: template.end)
  }
}
