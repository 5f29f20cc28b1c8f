extension Message {
  /// The name of a header field as it is written.
  package func name(of field: HeaderField) -> Bytes { bytes[field.written] }

  /// The value of a header field; a fold is one space (§7.3.1).
  package func value(of field: HeaderField) -> Bytes {
    let value = bytes[field.value]
    // A stray CR or LF is no fold: what a line may not hold is not handed on.
    guard !field.isOneLine else { return value }
    var text: [UInt8] = []
    text.reserveCapacity(value.count)
    for byte in value where byte != 0x0D && byte != 0x0A {
      text.append(byte == 0x09 ? 0x20 : byte)
    }
    return text[...]
  }

  /// The first value of this name, nil if there is none. Of a comma-separated list this is the whole line.
  package func first(_ name: HeaderName) -> Bytes? {
    guard header.contains(name) else { return nil }
    for field in fields where field.name == name { return value(of: field) }
    return nil
  }

  /// Lends `body` the first value of this name; nil if there is none.
  func withFirst<Result>(_ name: HeaderName, _ body: (Span<UInt8>) -> Result) -> Result? {
    for field in fields where field.name == name {
      return field.isOneLine ? body(bytes.span.extracting(field.value)) : body(value(of: field).span)
    }
    return nil
  }

  /// Every value of this name, comma-separated lists taken apart (§7.3.1). Not for challenges and credentials, whose
  /// commas separate parameters.
  package func values(_ name: HeaderName) -> [Bytes] {
    var values: [Bytes] = []
    forEachValue(name) { value in
      values.append(value)
      return true
    }
    return values
  }

  /// Every value of this name, one by one, until `body` answers false.
  package func forEachValue(_ name: HeaderName, _ body: (Bytes) -> Bool) {
    guard header.contains(name) else { return }
    var goesOn = true
    for field in fields where goesOn && field.name == name {
      value(of: field).forEachSeparated { value in
        goesOn = body(value)
        return goesOn
      }
    }
  }

  /// Whether there is one of this name.
  package func contains(_ name: HeaderName) -> Bool { header.contains(name) }

  // MARK: Parsed on demand

  package func requestURI() throws(SyntaxError) -> URI {
    guard case .request(_, let uri) = startLine else { throw SyntaxError("Request-URI") }
    return try URI(parsing: uri)
  }

  package func topmostVia() throws(SyntaxError) -> Via {
    guard let line = first(.via) else { throw SyntaxError("Via") }
    return try Via(parsing: line.firstSeparated)
  }

  package func cSeq() throws(SyntaxError) -> CSeq {
    guard let value = first(.cSeq) else { throw SyntaxError("CSeq") }
    return try CSeq(parsing: value)
  }

  package var callID: Bytes? { first(.callID) }

  package func from() throws(SyntaxError) -> NameAddr { try nameAddr(.from) }
  package func to() throws(SyntaxError) -> NameAddr { try nameAddr(.to) }

  private func nameAddr(_ name: HeaderName) throws(SyntaxError) -> NameAddr {
    guard let value = first(name) else { throw SyntaxError(name.text.description) }
    return try NameAddr(parsing: value)
  }

  package func contacts() throws(SyntaxError) -> [ContactValue] {
    var contacts: [ContactValue] = []
    for value in values(.contact) { contacts.append(try ContactValue(parsing: value)) }
    return contacts
  }

  package func routes() throws(SyntaxError) -> [NameAddr] { try nameAddrs(.route) }
  package func serviceRoutes() throws(SyntaxError) -> [NameAddr] { try nameAddrs(.serviceRoute) }

  private func nameAddrs(_ name: HeaderName) throws(SyntaxError) -> [NameAddr] {
    var addresses: [NameAddr] = []
    for value in values(name) { addresses.append(try NameAddr(parsing: value)) }
    return addresses
  }

  package var expires: DeltaSeconds? { firstReadable(.expires, DeltaSeconds.init) }
  package var minExpires: DeltaSeconds? { firstReadable(.minExpires, DeltaSeconds.init) }
  package var retryAfter: RetryAfter? { firstReadable(.retryAfter, RetryAfter.init) }

  /// What the first field of this name says that can be read: some send several.
  private func firstReadable<Value>(_ name: HeaderName, _ read: (Bytes) -> Value?) -> Value? {
    guard header.contains(name) else { return nil }
    for field in fields where field.name == name {
      if let value = read(value(of: field)) { return value }
    }
    return nil
  }

  /// The digest challenges of both header fields in order; those that can not be read are left out (RFC 7616 §3.7).
  package var challenges: [Challenge] {
    var challenges: [Challenge] = []
    forEachChallenge { challenges.append($0) }
    return challenges
  }

  /// The digest challenges of both header fields in order, one by one, without a list.
  package func forEachChallenge(_ body: (Challenge) -> Void) {
    for field in fields {
      let source: Challenge.Source
      switch field.name {
      case .wwwAuthenticate: source = .server
      case .proxyAuthenticate: source = .proxy
      default: continue
      }
      Challenge.forEach(in: value(of: field), from: source, body)
    }
  }

  package var authenticationInfo: AuthenticationInfo? {
    (first(.authenticationInfo) ?? first(.proxyAuthenticationInfo)).flatMap { try? AuthenticationInfo(parsing: $0) }
  }

  /// The option tags of Supported, Require, Proxy-Require or Unsupported (§19.2).
  package func optionTags(_ name: HeaderName) -> [Bytes] { values(name).filter { !$0.isEmpty } }
}
