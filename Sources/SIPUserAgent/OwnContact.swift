import SIPMessage

/// The Contact of an account: what it is, and how it is found again among those a registrar lists.
package struct OwnContact: Sendable, Equatable {
  /// A URI, as it is sent.
  package let text: [UInt8]

  /// A URI parameter of ours by which a Contact is known again when a NAT helper rewrote its address.
  package static let marker: StaticString = "line"

  /// - Parameters:
  ///   - local: the near end of the flow
  ///   - mark: word characters, the same for the life of the account
  /// - Throws: when the configured parts make no URI.
  package init(account: Account, transport: TransportProtocol, local: Endpoint, mark: [UInt8]) throws(SyntaxError) {
    let settings = account.contact
    let host = settings.host ?? .address(local.address)
    let user = settings.user.map { Array(URI.escapingUser($0).utf8)[...] } ?? account.addressOfRecord.user ?? []
    // Scheme, port, transport and the name of the mark have less than 64 together.
    let room = 64 + user.count + host.room + mark.count + settings.parameters.utf8.count
    let text = [UInt8](room: room) { text in
      text.append("sip:")
      if settings.user != nil || !user.isEmpty {
        text.append(bytes: user)
        text.append(UInt8(ascii: "@"))
      }
      text.append(host)
      if let port = settings.port ?? (settings.host == nil ? local.port : nil) {
        text.append(UInt8(ascii: ":"))
        text.append(decimal: UInt64(port))
      }
      // A Contact on behalf of another host stays exactly as configured.
      if settings.host == nil {
        if transport != .udp {
          text.append(";transport=")
          text.append(text: transport.uriToken)
        }
        text.append(";line=")
        text.append(bytes: mark)
      }
      text.append(text: settings.parameters)
    }
    // What is made of an address of record, an address and digits is a URI.
    if settings.isOfWords || !mark.allSatisfy(\.isAlphanumeric) { _ = try URI.Layout(text.span) }
    // It stays: in as much memory as it takes.
    self.text = Array(text[...])
  }

  /// One that was sent already.
  init(sent text: [UInt8]) { self.text = text }

  package var uri: URI { get throws(SyntaxError) { try URI(parsing: text[...]) } }

  /// What a 2xx grants us, in seconds: the expires of our own Contact, else the Expires header field, else what was
  /// asked (RFC 3261 §10.2.4, §10.3 item 8). Other Contacts do not count.
  ///
  /// - Returns: nil when our Contact is not listed, or listed with 0.
  package func granted(by response: Message, asked: UInt32) -> UInt32? {
    if let copy = response.firstContact(ifItIs: text.span) {
      let seconds = (copy.expires ?? response.expires)?.value ?? asked
      return seconds > 0 ? seconds : nil
    }
    var own: UInt32?
    // After a NAT has moved us the one from before may still be listed, until it expires.
    var marked: UInt32?
    // One by one: what somebody else registered may be unreadable, and does not count.
    response.forEachValue(.contact) { value in
      guard let layout = try? NameAddr.Layout(value.span) else { return true }
      let parameters = Parameters(text: value.part(layout.parameters))
      let seconds = (parameters["expires"].flatMap(DeltaSeconds.init) ?? response.expires)?.value ?? asked
      switch likeness(value.part(layout.uri)) {
      case .own: own = seconds
      case .marked: marked = max(marked ?? 0, seconds)
      case .foreign: break
      }
      return own == nil
    }
    guard let seconds = own ?? marked, seconds > 0 else { return nil }
    return seconds
  }

  private enum Likeness { case own, marked, foreign }

  private func likeness(_ other: Bytes) -> Likeness {
    if other.span.equals(text.span) { return .own }
    guard let other = try? URI(parsing: other), let own = try? uri else { return .foreign }
    if other.isEquivalent(to: own) { return .own }
    guard let mark = own.parameters[Self.marker] else { return .foreign }
    return other.parameters[Self.marker] == mark ? .marked : .foreign
  }
}
