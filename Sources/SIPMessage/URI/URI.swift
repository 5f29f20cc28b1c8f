/// A URI (RFC 3261 §19.1, §25.1), byte for byte as written; its parts are looked at, not copied.
///
///     SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]
///     userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"
///
/// Equality and hash are by bytes; `isEquivalent(to:)` is the comparison of §19.1.4. A URI of another scheme than
/// sip and sips is kept and not looked into.
package struct URI: Sendable {
  package enum Scheme: Sendable { case sip, sips, tel, other }

  /// What was found, and behind it the text, in one piece of memory that all copies share: accounts hold URIs by the
  /// million. The text is a copy, so that a URI does not keep the message it stood in.
  fileprivate let storage: [UInt8]

  package init(_ text: String) throws(SyntaxError) { try self.init(parsing: Bytes(text)) }

  package init(parsing text: Bytes) throws(SyntaxError) { try self.init(parsing: text.span) }

  package init(parsing text: Span<UInt8>) throws(SyntaxError) {
    let layout = try Layout(text)
    var storage: [UInt8] = []
    storage.reserveCapacity(Self.textStart + text.count)
    unsafe withUnsafeBytes(of: layout) { unsafe storage.append(contentsOf: $0) }
    storage.append(text)
    self.storage = storage
  }

  fileprivate static var textStart: Int { MemoryLayout<Layout>.size }

  fileprivate var layout: Layout { unsafe storage.withUnsafeBytes { unsafe $0.loadUnaligned(as: Layout.self) } }
}

extension URI {
  /// As written; not a copy.
  package var text: Bytes { storage[Self.textStart...] }
  package var scheme: Scheme { layout.scheme }
  package var host: Host? { layout.host.flatMap { Host(text.part($0)) } }
  package var port: UInt16? { layout.port }
  package var user: Bytes? { layout.user.map(text.part) }
  package var password: Bytes? { layout.password.map(text.part) }
  package var parameters: Parameters { Parameters(text: text.part(layout.parameters)) }
  /// What stands behind the question mark. It is never made into header fields (RFC 4475 §3.1.2.11).
  package var headers: Bytes? {
    let question = layout.parameters.upperBound
    return question < text.count ? text.part((question + 1)..<text.count) : nil
  }

  package var transport: TransportProtocol? { parameters["transport"].flatMap(TransportProtocol.init) }
  /// The lr parameter: whoever put this URI into a Route routes loosely (§19.1.1).
  package var isLooseRouter: Bool { parameters.contains("lr") }
}

extension URI {
  /// Bytes of its text.
  package var length: Int { storage.count - Self.textStart }

  /// Bytes of its host as written.
  package var hostLength: Int { layout.host?.count ?? 0 }
}

extension TextWriter {
  package mutating func append(_ uri: URI) { append(uri.storage.span.extracting(URI.textStart...)) }

  /// The host of a URI in lower case, if it is a name that begins with a letter: no address does.
  ///
  /// - Returns: whether it was
  package mutating func append(nameOf uri: URI) -> Bool {
    let text = uri.storage.span.extracting(URI.textStart...)
    guard let host = uri.layout.host, text[host.lowerBound].isAlpha else { return false }
    for index in host { append(text[index].lowercasedASCII) }
    return true
  }
}

extension URI: Hashable {
  // What was found follows from the text.
  package static func == (left: URI, right: URI) -> Bool {
    let (left, right) = (left.storage.span, right.storage.span)
    return left.isIdentical(to: right)
      || left.extracting(Self.textStart...).equals(right.extracting(Self.textStart...))
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension URI: CustomStringConvertible {
  package var description: String { text.text }
}
