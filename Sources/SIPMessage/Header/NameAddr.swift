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

  package init(parsing value: Bytes) throws(SyntaxError) {
    let layout = try Layout(value.span)
    displayName = layout.displayName.map(value.part)
    uri = try URI(parsing: value.part(layout.uri))
    parameters = Parameters(text: value.part(layout.parameters))
  }

  /// Where the parts are, 0-based, once each has been found to be what it should be. Takes no memory.
  package struct Layout: Sendable {
    let displayName: Range<Int>?
    package let uri: Range<Int>
    package let parameters: Range<Int>
    /// Of the parts of `uri`.
    package let uriLayout: URI.Layout

    package init(_ bytes: Span<UInt8>) throws(SyntaxError) {
      let whole = bytes.trimmed(0..<bytes.count)
      if bytes.contains(UInt8(ascii: "\""), at: whole.lowerBound) {
        guard let end = bytes.quotedString(from: whole.lowerBound) else { throw SyntaxError("display-name") }
        let open = bytes.skippingSpace(from: end)
        guard bytes.contains(UInt8(ascii: "<"), at: open) else { throw SyntaxError("name-addr", at: open) }
        try self.init(bytes, whole, displayName: whole.lowerBound..<end, open: open)
      } else if let open = bytes.first(UInt8(ascii: "<"), in: whole) {
        // Deviation: a name of tokens needs no LWS before the "<" (RFC 4475 §3.1.1.6).
        let name = bytes.trimmed(whole.lowerBound..<open)
        guard bytes.extracting(name).allSatisfy({ $0.isToken || $0.isWhiteSpace }) else {
          throw SyntaxError("display-name")
        }
        try self.init(bytes, whole, displayName: name.isEmpty ? nil : name, open: open)
      } else {
        try self.init(addrSpec: bytes, whole)
      }
    }

    /// name-addr, from its "<" on.
    private init(
      _ bytes: Span<UInt8>, _ whole: Range<Int>, displayName: Range<Int>?, open: Int
    ) throws(SyntaxError) {
      guard let close = bytes.first(UInt8(ascii: ">"), in: open..<whole.upperBound) else {
        throw SyntaxError("name-addr", at: open)
      }
      self.displayName = displayName
      uri = (open + 1)..<close
      parameters = bytes.trimmed((close + 1)..<whole.upperBound)
      uriLayout = try URI.Layout(bytes.extracting(uri))
      try Parameters.check(bytes.extracting(parameters), from: 0, element: "Parameter")
    }

    /// addr-spec without <>: no comma, semicolon or question mark may be in it (§20.10).
    private init(addrSpec bytes: Span<UInt8>, _ whole: Range<Int>) throws(SyntaxError) {
      var end = whole.lowerBound
      while end < whole.upperBound, bytes[end] != UInt8(ascii: ";"), !bytes[end].isWhiteSpace {
        guard bytes[end] != UInt8(ascii: "?"), bytes[end] != UInt8(ascii: ",") else { throw SyntaxError("addr-spec") }
        end += 1
      }
      displayName = nil
      uri = whole.lowerBound..<end
      parameters = bytes.trimmed(end..<whole.upperBound)
      uriLayout = try URI.Layout(bytes.extracting(uri))
      try Parameters.check(bytes.extracting(parameters), from: 0, element: "Parameter")
    }
  }

  package var tag: Bytes? { parameters["tag"] }

  /// The parameters of a value that need not be well-formed: behind its last ">", or behind its first semicolon where it
  /// has none.
  static func parameters(tolerating value: Bytes) -> Parameters {
    let start = value.lastIndex(of: UInt8(ascii: ">")) ?? value.startIndex
    return Parameters(text: value[start...].drop { $0 != UInt8(ascii: ";") })
  }
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
}
