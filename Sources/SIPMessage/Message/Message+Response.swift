extension Message {
  /// The answer to this request (RFC 3261 §8.2.6): Via, From, To, Call-ID and CSeq copied, the topmost Via noting where
  /// the request came from (§18.2.1, RFC 3581). Works for requests that are refused because they are malformed: what
  /// can be copied is copied.
  ///
  /// - Parameters:
  ///   - status: 100…699
  ///   - toTag: for every answer but 100, where the request had none (§8.2.6.2)
  ///   - adding: further header fields; one that would inject a line is left out
  package func response(
    status: Int, reason: String, toTag: String?, receivedFrom source: Endpoint, adding: [(HeaderName, [UInt8])] = []
  ) -> [UInt8] {
    var writer = beginResponse(
      status: status, reason: reason, toTag: toTag.map { Array($0.utf8) }, receivedFrom: source, essentials: nil)
    for (name, value) in adding { try? writer.field(name, value) }
    return writer.finish()
  }

  /// A response to this request up to where further header fields stand.
  ///
  /// - Parameter essentials: of this message; nil: not known
  package func beginResponse(
    status: Int, reason: String, toTag: [UInt8]?, receivedFrom source: Endpoint, essentials: Essentials?
  ) -> MessageWriter {
    var writer = MessageWriter(reserving: bytes.count + 256)
    writer.response(status: status, reason: reason)
    var isTopmost = true
    for field in fields where field.name == .via {
      let value = value(of: field)
      guard isTopmost else {
        try? writer.field(.via, value)
        continue
      }
      isTopmost = false
      guard let via = essentials?.via ?? (try? Via(tolerating: value.firstSeparated)) else {
        try? writer.field(.via, value)
        continue
      }
      try? writer.field(.via) { via.append(noting: source, to: &$0) }
      var isFirst = true
      value.forEachSeparated { other in
        if !isFirst { try? writer.field(.via, other) }
        isFirst = false
        return true
      }
    }
    copy(.from, into: &writer)
    copy(.to, into: &writer, tag: status > 100 ? toTag : nil, essentials?.to)
    copy(.callID, into: &writer)
    copy(.cSeq, into: &writer)
    return writer
  }

  private func copy(
    _ name: HeaderName, into writer: inout MessageWriter, tag: [UInt8]? = nil, _ layout: NameAddr.Layout? = nil
  ) {
    guard let value = first(name) else { return }
    let tag = tag.flatMap { value.hasNoTag(layout) ? $0 : nil }
    func append(tagTo text: inout [UInt8]) {
      guard let tag else { return }
      text.append(";tag=")
      text.append(bytes: tag)
    }
    do throws(HeaderInjection) {
      try writer.field(name) { text in
        text.append(bytes: value)
        append(tagTo: &text)
      }
    } catch {
      // A quoted NUL in a display name is legal and can not be repeated here: the name is left out.
      guard name == .from || name == .to, let address = try? NameAddr(parsing: value) else { return }
      try? writer.field(name) { text in
        text += "<\(address.uri)>".utf8
        text.append(bytes: address.parameters.text)
        append(tagTo: &text)
      }
    }
  }
}

extension Bytes {
  /// Whether this is an address without a tag.
  fileprivate func hasNoTag(_ layout: NameAddr.Layout?) -> Bool {
    let layout = layout ?? (try? NameAddr.Layout(span))
    let parameters = layout.map { Parameters(text: part($0.parameters)) } ?? NameAddr.parameters(tolerating: self)
    return !parameters.contains("tag")
  }
}
