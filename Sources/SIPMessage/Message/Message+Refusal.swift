extension Message {
  /// What a user agent can not pass over in a request, with the answer to give (RFC 3261 §8.2.1, §8.2.2, §8.2.3): a
  /// language it does not speak, an extension it does not have, or the lack of what every answer repeats.
  ///
  /// - Returns: nil for a request that can be dealt with, whatever else is wrong with it.
  package func refusal(for capabilities: Capabilities = Capabilities()) -> MessageDefect? {
    guard case .request(let method, let uri) = startLine else { return nil }
    if damage.contains(.version) { return MessageDefect(505, Flaw.version.name) }
    for flaw in [Flaw.requestLine, .truncatedBody] where damage.contains(flaw) { return .badRequest(flaw.name) }
    for name in Header.essentialNames where !header.contains(name) { return .badRequest("Missing \(name.text)") }
    guard let stated = cSeqMethod else { return .badRequest(Flaw.cSeq.name) }
    guard stated == method else { return .badRequest("CSeq Method Mismatch") }
    return Self.refusal(of: uri) ?? capabilityDefect(method, capabilities)
  }

  /// Headers in a Request-URI are forbidden (§19.1.1); they would be somebody's way to put a Route in.
  private static func refusal(of uri: Bytes) -> MessageDefect? {
    guard let layout = try? URI.Layout(uri.span) else {
      // One of a scheme that is spoken here may be our own Contact after somebody has changed it.
      return uri.tolerated == nil ? .badRequest(Flaw.requestURI.name) : nil
    }
    switch layout.scheme {
    case .sip, .sips, .tel: break
    case .other: return MessageDefect(416, "Unsupported URI Scheme")
    }
    return layout.parameters.upperBound < uri.count ? .badRequest("Headers In Request-URI") : nil
  }

  /// The user part of the Request-URI as written, or the number of a tel URI; nil: it has none.
  package var requestUser: Bytes? {
    guard case .request(_, let uri) = startLine else { return nil }
    guard let layout = try? URI.Layout(uri.span) else { return uri.tolerated?.user }
    guard layout.scheme == .tel else { return layout.user.map(uri.part) }
    return uri.drop { $0 != UInt8(ascii: ":") }.dropFirst().prefix { $0 != UInt8(ascii: ";") }
  }

  /// How many bytes of this request its answer repeats (§8.2.6.2).
  package var repeatedLength: Int {
    fields.reduce(0) { sum, field in
      switch field.name {
      case .via, .from, .to, .callID, .cSeq: sum + field.value.count
      default: sum
      }
    }
  }

  /// The topmost Via, whatever its parameters are; nil: nobody knows where an answer would go.
  package var toleratedVia: Via? {
    first(.via).flatMap { try? Via(tolerating: $0.firstSeparated) }
  }

  /// The tag of To, whatever is wrong with the rest: somebody takes this request for one within a dialog.
  package var toTag: Bytes? {
    guard let tag = first(.to).flatMap({ NameAddr.parameters(tolerating: $0)["tag"] }), !tag.isEmpty else { return nil }
    return tag
  }
}

/// What can be told of a SIP or tel URI that is not well-formed.
private struct ToleratedURI {
  let user: Bytes?
}

extension ArraySlice<UInt8> {
  /// nil: this is no URI of a scheme that is spoken here.
  fileprivate var tolerated: ToleratedURI? {
    guard let colon = firstIndex(of: UInt8(ascii: ":")), !contains(UInt8(ascii: "?")) else { return nil }
    let scheme = self[..<colon]
    guard scheme.equalsIgnoringCase("sip") || scheme.equalsIgnoringCase("sips") || scheme.equalsIgnoringCase("tel")
    else { return nil }
    let rest = self[(colon + 1)...]
    return ToleratedURI(user: rest.firstIndex(of: UInt8(ascii: "@")).map { rest[..<$0] })
  }
}
