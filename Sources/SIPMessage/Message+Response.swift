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
      let list = value.commaSeparated()
      guard let topmost = list.first, let via = try? Via(parsing: topmost) else {
        try? writer.field(.via, value)
        continue
      }
      try? writer.field(.via, via.noting(source: source))
      for other in list.dropFirst() { try? writer.field(.via, other) }
    }
    copy(.from, into: &writer, tag: nil)
    copy(.to, into: &writer, tag: status > 100 ? toTag : nil)
    copy(.callID, into: &writer, tag: nil)
    copy(.cSeq, into: &writer, tag: nil)
    for (name, value) in adding { try? writer.field(name, value) }
    return writer.finish()
  }

  private func copy(_ name: HeaderName, into writer: inout MessageWriter, tag: String?) {
    guard let value = first(name) else { return }
    let address = name == .from || name == .to ? try? NameAddr(parsing: value) : nil
    var copy = Array(value)
    // A quoted NUL in a display name is legal and can not be repeated here: the name is left out.
    if let address, copy.contains(0) { copy = Array("<\(address.uri)>".utf8) + address.parameters.text }
    if let tag, let address, address.tag == nil { copy += ";tag=\(tag)".utf8 }
    try? writer.field(name, copy)
  }
}
