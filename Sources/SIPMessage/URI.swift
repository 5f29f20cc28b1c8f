/// A URI (RFC 3261 §19.1, §25.1), byte for byte as written; its parts are looked at, not copied.
///
///     SIP-URI = "sip:" [ userinfo ] hostport uri-parameters [ headers ]
///     userinfo = ( user / telephone-subscriber ) [ ":" password ] "@"
///
/// Equality and hash are by bytes; `isEquivalent(to:)` is the comparison of §19.1.4. A URI of another scheme than
/// sip and sips is kept and not looked into.
package struct URI: Sendable {
  package enum Scheme: Sendable { case sip, sips, tel, other }

  /// What was found, shared by all copies: accounts hold URIs by the million, and a copy is one pointer. The text is a
  /// copy, so that a URI does not keep the message it stood in.
  private final class Parts: Sendable {
    let text: [UInt8]
    let layout: Layout

    init(text: [UInt8], layout: Layout) {
      self.text = text
      self.layout = layout
    }
  }

  private let parts: Parts

  package init(_ text: String) throws(SyntaxError) { try self.init(parsing: Bytes(text)) }

  package init(parsing text: Bytes) throws(SyntaxError) {
    let layout = try Layout(text.span)
    parts = Parts(text: Array(text), layout: layout)
  }
}

extension URI {
  package var text: Bytes { parts.text[...] }
  /// The whole of it, for whoever keeps it: shared, not copied.
  package var bytes: [UInt8] { parts.text }
  package var scheme: Scheme { parts.layout.scheme }
  package var host: Host? { parts.layout.host.flatMap { Host(text.part($0)) } }
  package var port: UInt16? { parts.layout.port }
  package var user: Bytes? { parts.layout.user.map(text.part) }
  package var password: Bytes? { parts.layout.password.map(text.part) }
  package var parameters: Parameters { Parameters(text: text.part(parts.layout.parameters)) }
  /// What stands behind the question mark. It is never made into header fields (RFC 4475 §3.1.2.11).
  package var headers: Bytes? {
    let question = parts.layout.parameters.upperBound
    return question < parts.text.count ? text.part((question + 1)..<parts.text.count) : nil
  }

  package var transport: TransportProtocol? { parameters["transport"].flatMap(TransportProtocol.init) }
  /// The lr parameter: whoever put this URI into a Route routes loosely (§19.1.1).
  package var isLooseRouter: Bool { parameters.contains("lr") }
}

extension URI: Hashable {
  package static func == (left: URI, right: URI) -> Bool {
    left.parts === right.parts || left.parts.text == right.parts.text
  }
  package func hash(into hasher: inout Hasher) { hasher.combine(parts.text) }
}

extension URI: CustomStringConvertible {
  package var description: String { text.text }
}
