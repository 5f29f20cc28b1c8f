/// ( name-addr / addr-spec ) *( SEMI generic-param ): From, To, Contact, Route, Record-Route, Path, Service-Route
/// (RFC 3261 §20.10, §25.1).
///
///     name-addr = [ display-name ] LAQUOT addr-spec RAQUOT
///     display-name = *(token LWS) / quoted-string
///
/// Without <> everything behind the first semicolon belongs to the header field, not to the URI (§20).
package struct NameAddr: Hashable, Sendable {
  /// As written, with its quotes.
  package let displayName: Bytes?
  package let uri: URI
  package let parameters: Parameters

  package init(displayName: Bytes? = nil, uri: URI, parameters: Parameters = .none) {
    self.displayName = displayName
    self.uri = uri
    self.parameters = parameters
  }

  package init(parsing value: Bytes) throws(SyntaxError) {
    let value = value.trimmed
    let bytes = value.span
    var index = 0
    if bytes.contains(UInt8(ascii: "\""), at: 0) {
      guard let end = bytes.quotedString(from: 0) else { throw SyntaxError("display-name") }
      index = bytes.skippingSpace(from: end)
      displayName = value.part(0..<end)
      guard bytes.contains(UInt8(ascii: "<"), at: index) else { throw SyntaxError("name-addr", at: index) }
    } else if let open = value.firstIndex(of: UInt8(ascii: "<")).map({ $0 - value.startIndex }) {
      // Deviation: a name of tokens needs no LWS before the "<" (RFC 4475 §3.1.1.6).
      let name = value.part(0..<open).trimmed
      guard name.allSatisfy({ $0.isToken || $0.isWhiteSpace }) else { throw SyntaxError("display-name") }
      displayName = name.isEmpty ? nil : name
      index = open
    } else {
      displayName = nil
      // addr-spec without <>: no comma, semicolon or question mark may be in it (§20.10).
      let end = (0..<bytes.count).first { bytes[$0] == UInt8(ascii: ";") || bytes[$0].isWhiteSpace } ?? bytes.count
      let spec = value.part(0..<end)
      guard !spec.contains(UInt8(ascii: "?")), !spec.contains(UInt8(ascii: ",")) else { throw SyntaxError("addr-spec") }
      uri = try URI(parsing: spec)
      parameters = try Parameters(parsing: value.part(end..<bytes.count), element: "Parameter")
      return
    }
    guard let close = (index..<bytes.count).first(where: { bytes[$0] == UInt8(ascii: ">") }) else {
      throw SyntaxError("name-addr", at: index)
    }
    uri = try URI(parsing: value.part((index + 1)..<close))
    parameters = try Parameters(parsing: value.part((close + 1)..<bytes.count), element: "Parameter")
  }

  package var tag: Bytes? { parameters["tag"] }
}

/// Contact = STAR / ( contact-param *( COMMA contact-param ) ) (RFC 3261 §20.10)
package enum ContactValue: Hashable, Sendable {
  case star
  case address(NameAddr)

  package init(parsing value: Bytes) throws(SyntaxError) {
    self = value.equals("*") ? .star : .address(try NameAddr(parsing: value))
  }
}

extension NameAddr {
  /// c-p-expires, in seconds (§10.2.1.1); nil where it is missing or no number.
  package var expires: DeltaSeconds? { parameters["expires"].flatMap(DeltaSeconds.init) }
  /// +sip.instance without its quotes (RFC 5626 §4.1).
  package var instance: [UInt8]? { parameters["+sip.instance"]?.unquoted }
  /// reg-id (RFC 5626 §4.2).
  package var registrationID: UInt32? { parameters["reg-id"]?.decimal() }
}
