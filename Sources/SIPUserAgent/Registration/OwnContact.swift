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
    // Over a WebSocket we are at no address (RFC 7118 §5).
    let isNowhere = transport.isWebSocket && settings.host == nil
    let own = isNowhere ? .nowhere(named: String(decoding: mark, as: UTF8.self)) : Host.address(local.address)
    let host = settings.host ?? own
    let user = settings.user.map { Array(URI.escapingUser($0).utf8)[...] } ?? account.addressOfRecord.user ?? []
    // What asks for TLS on every hop is answered the same way (RFC 3261 §8.1.1.8).
    let isSecure = transport.isSecure && account.registrar.scheme == .sips
    let room = 64 + user.count + host.room + mark.count + settings.parameters.utf8.count
    let text = [UInt8](reserving: room) { text in
      if isSecure { text.append("sips:") } else { text.append("sip:") }
      if settings.user != nil || !user.isEmpty {
        text.append(bytes: user)
        text.append(UInt8(ascii: "@"))
      }
      text.append(host)
      if let port = settings.port ?? (settings.host == nil && !isNowhere ? local.port : nil) {
        text.append(UInt8(ascii: ":"))
        text.append(decimal: UInt64(port))
      }
      // How another host is reached is for the configuration to say; that it is TLS is said already.
      if settings.host == nil, transport != .udp, isNowhere || !isSecure {
        text.append(";transport=")
        // There is no wss here (RFC 7118 §5.2.2).
        text.append(text: isNowhere ? TransportProtocol.ws.uriToken : transport.uriToken)
      }
      if !settings.hasMark {
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

  /// What is bound under the same words, where that is. After a restart a copy in its stead for each of a million
  /// accounts would leave as many holes in the heap.
  func stored(as bound: [UInt8]?) -> OwnContact {
    if let bound, bound == text { OwnContact(sent: bound) } else { self }
  }

  package var uri: URI { get throws(SyntaxError) { try URI(parsing: text[...]) } }

  /// What a 2xx grants us: the expires of our own Contact, else the Expires header field, else what was asked
  /// (RFC 3261 §10.2.4, §10.3 item 8). Other Contacts do not count.
  ///
  /// Deviation: unless told to be strict, it believes a 2xx that lists no Contact, or exactly one that is not ours, for
  /// no longer than was asked: proxies and gateways that write another address into it are many.
  ///
  /// - Returns: nil when our Contact is not listed, or listed with 0.
  package func grant(
    by response: Message, asked: UInt32, matching: ContactMatching = .tolerant
  ) -> Grant? {
    if let copy = response.firstContact(ifItIs: text.span) {
      let seconds = copy.expires?.value ?? response.grantedExpires(asked: asked)
      if seconds > 0 { return Grant(seconds: seconds, listed: .ours) }
    }
    return grant(reading: response, asked: asked, matching: matching)
  }

  /// Reads the list in full, for one that does not begin with our Contact as it was sent.
  func grant(reading response: Message, asked: UInt32, matching: ContactMatching) -> Grant? {
    let usual = response.grantedExpires(asked: asked)
    let own = try? uri
    var list = Listed()
    response.forEachListedContact { contact in
      list.take(contact, likeness(contact, own, matching), expiry(of: contact, own, or: usual))
      return list.own ?? 0 == 0
    }
    if list.isOurs { return list.ours > 0 ? Grant(seconds: list.ours, listed: .ours) : nil }
    guard matching == .tolerant, list.strangers <= 1 else { return nil }
    let seconds = min(list.stranger == nil ? usual : list.seconds, asked)
    return seconds > 0 ? Grant(seconds: seconds, listed: list.stranger.map(Listing.another) ?? .none) : nil
  }

  /// Its own, also in quotes or inside the brackets.
  private func expiry(of contact: ListedContact, _ own: URI?, or usual: UInt32) -> UInt32 {
    let text = contact.parameters["expires"]
    if let seconds = text.flatMap({ DeltaSeconds.granted($0, or: usual) }) { return seconds }
    // One that we sent says nothing.
    let inner = own?.parameters.contains("expires") == true ? nil : contact.uriParameters["expires"]
    let said = inner.map { DeltaSeconds.granted($0, or: usual) ?? DeltaSeconds.salvaged($0, or: usual) } ?? usual
    return text.map { DeltaSeconds.salvaged($0, or: said) } ?? said
  }

  private enum Likeness { case own, marked, foreign }

  private func likeness(_ contact: ListedContact, _ own: URI?, _ matching: ContactMatching) -> Likeness {
    if contact.uriText.span.equals(text.span) { return .own }
    guard let own, contact.isBracketed || contact.isMeantForSIP else { return .foreign }
    let other = try? URI(parsing: contact.uriText)
    if let other, other.isEquivalent(to: own) { return .own }
    if matching == .strict, other == nil { return .foreign }
    let mark = own.parameters[Self.marker]
    let outside = matching == .strict ? nil : contact.parameters[Self.marker]
    if let mark, let theirs = contact.uriParameters[Self.marker] ?? outside {
      return theirs.equalsIgnoringCase(mark) ? .marked : .foreign
    }
    guard matching == .tolerant, let other = other ?? contact.uriWithoutParameters else { return .foreign }
    return other.isReached(as: own) ? .marked : .foreign
  }

  /// What was found in a list.
  private struct Listed {
    /// 0: listed, and granted nothing.
    private(set) var own: UInt32?
    private var marked: UInt32?
    /// Others, of which the first is remembered.
    private(set) var strangers = 0
    private(set) var stranger: Bytes?
    private(set) var seconds: UInt32 = 0

    var isOurs: Bool { own != nil || marked != nil }
    var ours: UInt32 { max(own ?? 0, own == 0 || own == nil ? marked ?? 0 : 0) }

    mutating func take(_ contact: ListedContact, _ likeness: Likeness, _ seconds: UInt32) {
      switch likeness {
      // A registrar may repeat what was removed, or what an older Call-ID registered: the first that is alive counts.
      case .own: own = own == nil || own == 0 ? seconds : own
      // After a NAT has moved us the one from before may still be listed, until it expires.
      case .marked: marked = max(marked ?? 0, seconds)
      case .foreign:
        guard !contact.uriText.isEmpty, contact.isBracketed || contact.isMeantForSIP else { return }
        if strangers == 0 { (stranger, self.seconds) = (contact.text, seconds) }
        strangers += 1
      }
    }
  }
}

extension OwnContact {
  /// What a 2xx grants.
  package struct Grant: Sendable, Equatable {
    package let seconds: UInt32
    package let listed: Listing

    package init(seconds: UInt32, listed: Listing) {
      self.seconds = seconds
      self.listed = listed
    }

    var isOurs: Bool { if case .ours = listed { true } else { false } }
  }

  /// What stands in Contact of a 2xx that is believed.
  package enum Listing: Sendable, Equatable {
    case ours
    /// Nothing.
    case none
    /// One that is not ours, as it is written.
    case another(Bytes)
  }
}
