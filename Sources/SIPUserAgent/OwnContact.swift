import SIPMessage

/// The Contact of an account: what it is, and how it is found again among those a registrar lists.
package struct OwnContact: Sendable, Equatable {
  package let uri: URI

  /// A URI parameter of ours by which a Contact is known again when a NAT helper rewrote its address.
  package static let marker: StaticString = "line"

  /// - Parameters:
  ///   - local: the near end of the flow
  ///   - mark: word characters, the same for the life of the account
  /// - Throws: when the configured parts make no URI.
  package init(
    account: Account, transport: TransportProtocol, local: Endpoint, mark: String
  ) throws(SyntaxError) {
    let settings = account.contact
    var text = "sip:"
    if let user = settings.user {
      text += URI.escapingUser(user) + "@"
    } else if let user = account.addressOfRecord.user {
      text += user.text + "@"
    }
    text += (settings.host ?? .address(local.address)).description
    if let port = settings.port ?? (settings.host == nil ? local.port : nil) { text += ":\(port)" }
    if transport != .udp, settings.host == nil { text += ";transport=\(transport.uriToken)" }
    // A Contact on behalf of another host stays exactly as configured.
    if settings.host == nil { text += ";\(Self.marker)=\(mark)" }
    text += settings.parameters
    uri = try URI(text)
  }

  /// What a 2xx grants us, in seconds: the expires of our own Contact, else the Expires header field, else what was
  /// asked (RFC 3261 §10.2.4, §10.3 item 8). Other Contacts do not count.
  ///
  /// - Returns: nil when our Contact is not listed, or listed with 0.
  package func granted(by response: Message, asked: UInt32) -> UInt32? {
    // One by one: what somebody else registered may be unreadable, and does not count.
    let addresses = response.values(.contact).compactMap { value -> NameAddr? in
      guard case .address(let address)? = try? ContactValue(parsing: value) else { return nil }
      return address
    }
    func seconds(_ address: NameAddr) -> UInt32 { (address.expires ?? response.expires)?.value ?? asked }
    // After a NAT has moved us the one from before may still be listed, until it expires.
    let marked = addresses.lazy.filter(isMarked).map(seconds).max()
    guard let seconds = addresses.first(where: { $0.uri.isEquivalent(to: uri) }).map(seconds) ?? marked
    else { return nil }
    return seconds > 0 ? seconds : nil
  }

  private func isMarked(_ address: NameAddr) -> Bool {
    guard let mark = uri.parameters[Self.marker] else { return false }
    return address.uri.parameters[Self.marker] == mark
  }
}
