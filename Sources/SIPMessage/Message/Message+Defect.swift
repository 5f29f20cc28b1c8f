/// What a user agent can do with a request, as far as a message is judged by it.
package struct Capabilities: Sendable {
  package var optionTags: [String]
  package var contentTypes: [String]

  package init(optionTags: [String] = [], contentTypes: [String] = ["application/sdp"]) {
    self.optionTags = optionTags
    self.contentTypes = contentTypes
  }
}

extension Message {
  /// What makes a message bad though it could be read, for a reader who lets nothing pass (RFC 3261 §8.1.3.3, §8.2.1,
  /// §8.2.2, §8.2.3; RFC 4475 §3.1.2, §3.3). A user agent asks for `matching` and `refusal` instead.
  ///
  /// - Returns: nil for a good message. For a request, the answer to give.
  package func defect(for capabilities: Capabilities = Capabilities()) -> MessageDefect? {
    do throws(MessageDefect) {
      return defect(for: capabilities, besides: try essentials())
    } catch {
      return error
    }
  }

  /// What is wrong with a message whose essentials are good and known.
  package func defect(for capabilities: Capabilities, besides essentials: Essentials) -> MessageDefect? {
    switch startLine {
    case .request(let method, let uri): requestDefect(essentials, method, uri, capabilities)
    case .response: nil
    }
  }

  /// What tells which exchange a message belongs to (§17.1.3, §17.2.3).
  package struct Essentials: Sendable {
    /// The topmost.
    package let via: Via
    /// Of the value of To.
    package let to: NameAddr.Layout
    package let cSeq: CSeq
  }

  /// The essentials of a message whose header fields are there, single and readable as far as every message needs them.
  package func essentials() throws(MessageDefect) -> Essentials {
    if let damage = damage.first {
      throw damage == .version ? MessageDefect(505, damage.name) : .badRequest(damage.name)
    }
    if let defect = presenceDefect() { throw defect }
    let via = try checkedVia()
    if layout(.from) == nil { throw .badRequest("Malformed From") }
    guard let to = layout(.to) else { throw .badRequest("Malformed To") }
    guard let cSeq = withFirst(.cSeq, { try? CSeq($0) }) ?? nil else { throw .badRequest("Malformed CSeq") }
    if withFirst(.callID, { $0.isCallID }) == false { throw .badRequest("Malformed Call-ID") }
    return Essentials(via: via, to: to, cSeq: cSeq)
  }

  private func requestDefect(
    _ essentials: Essentials, _ method: Method, _ uri: Bytes, _ capabilities: Capabilities
  ) -> MessageDefect? {
    if !areAddresses(.contact, orStar: true) { return .badRequest("Malformed Contact") }
    if !areAddresses(.route, orStar: false) { return .badRequest("Malformed Route") }
    guard essentials.cSeq.method == method else { return .badRequest("CSeq Method Mismatch") }
    guard let requestURI = try? URI.Layout(uri.span) else { return .badRequest("Malformed Request-URI") }
    switch requestURI.scheme {
    case .sip, .sips, .tel: break
    case .other: return MessageDefect(416, "Unsupported URI Scheme")
    }
    // Headers in a Request-URI are forbidden (§19.1.1); they would be somebody's way to put a Route in.
    if requestURI.parameters.upperBound < uri.count { return .badRequest("Headers In Request-URI") }
    return capabilityDefect(method, capabilities)
  }

  private func presenceDefect() -> MessageDefect? {
    for name in Header.essentialNames where !header.contains(name) {
      return .badRequest("Missing \(name.text)")
    }
    return header.doubled.map { .badRequest("More Than One \($0.text)") }
  }

  /// §8.1.3.3: a response with more than one Via is somebody else's.
  private func checkedVia() throws(MessageDefect) -> Via {
    var count = 0
    var topmost: Via?
    var isReadable = true
    forEachValue(.via) { value in
      count += 1
      let via = try? Via(parsing: value)
      if count == 1 { topmost = via }
      isReadable = isReadable && via != nil
      return count <= Limits.standard.vias
    }
    if count > Limits.standard.vias { throw .badRequest("Too Many Vias") }
    guard isReadable, let topmost else { throw .badRequest("Malformed Via") }
    if !topmost.isVersion2 { throw MessageDefect(505, "Version Not Supported") }
    if count > 1, !isRequest { throw .badRequest("More Than One Via") }
    return topmost
  }

  private func layout(_ name: HeaderName) -> NameAddr.Layout? {
    withFirst(name) { try? NameAddr.Layout($0) } ?? nil
  }

  /// So many bytes of option tags are named in an answer: who requires more is told of the rest next time.
  private static let longestList = 512

  private static func named(_ tags: [Bytes]) -> [Bytes] {
    var room = longestList
    return Array(
      tags.prefix {
        room -= $0.count
        return room >= 0
      })
  }

  /// §8.2.2.3 and §8.2.3; not for ACK and CANCEL, which can not be refused.
  func capabilityDefect(_ method: Method, _ capabilities: Capabilities) -> MessageDefect? {
    guard method != .ack, method != .cancel else { return nil }
    let unsupported = optionTags(.require).filter { tag in
      !capabilities.optionTags.contains { tag.equalsIgnoringCase($0.utf8) }
    }
    guard unsupported.isEmpty else {
      let list = Array(Self.named(unsupported).map(Array.init).joined(separator: ", ".utf8))
      return MessageDefect(420, "Bad Extension", fields: [.init(name: .unsupported, value: list)])
    }
    guard method == .invite else { return nil }
    func isKnown(_ type: Bytes) -> Bool {
      let name = type.prefix { $0 != UInt8(ascii: ";") }.trimmed
      return capabilities.contentTypes.contains { name.equalsIgnoringCase($0.utf8) }
    }
    if !body.isEmpty, let type = first(.contentType), !isKnown(type) {
      let accept = Array(capabilities.contentTypes.joined(separator: ", ").utf8)
      return MessageDefect(415, "Unsupported Media Type", fields: [.init(name: .accept, value: accept)])
    }
    let accepted = values(.accept).filter { !$0.isEmpty }
    let takesOurs =
      accepted.isEmpty
      || accepted.contains {
        isKnown($0) || $0.prefix(3).equals("*/*") || $0.prefix(13).equalsIgnoringCase("application/*")
      }
    return takesOurs ? nil : MessageDefect(406, "Not Acceptable")
  }
}
