import SIPMessage

/// What a 2xx grants beside the binding: the path that calls will take (RFC 3327 §5.3), the other addresses that are ours
/// (RFC 7315 §4.1), and URIs that lead to this very user agent (RFC 5627 §4.2). It is taken anew with each: what is not
/// repeated is not granted any more.
package struct Granted: Sendable, Equatable {
  package enum Limits {
    /// Values of each that are kept.
    package static let values = 8
    /// Bytes of a value, longer than which it is left out: a part of it would be something else.
    package static let length = 512
  }

  /// Topmost first.
  package private(set) var path: [String] = []
  /// The first is the one that calls bear by default.
  package private(set) var associatedURIs: [String] = []
  package private(set) var publicGRUU: String?
  package private(set) var temporaryGRUU: String?

  package init() {}

  /// - Parameter instance: ours, where one was registered
  init(by response: Message, instance: UUID?) {
    path = Self.values(.path, of: response)
    associatedURIs = Self.values(.pAssociatedURI, of: response)
    guard let instance = instance.map({ "\"<urn:uuid:\($0)>\"" }) else { return }
    response.forEachListedContact { contact in
      guard contact.parameters["+sip.instance"]?.equalsIgnoringCase(instance.utf8) == true else { return true }
      publicGRUU = Self.text(contact.parameters["pub-gruu"])
      temporaryGRUU = Self.text(contact.parameters["temp-gruu"])
      return false
    }
  }

  /// Nearly always there is nothing of the kind.
  static func mayBeSome(in response: Message) -> Bool { response.contains(.path) || response.contains(.pAssociatedURI) }

  private static func values(_ name: HeaderName, of response: Message) -> [String] {
    var texts: [String] = []
    response.forEachValue(name) { value in
      if let text = text(value) { texts.append(text) }
      return texts.count < Limits.values
    }
    return texts
  }

  /// Without the quotes around it.
  private static func text(_ value: Bytes?) -> String? {
    guard var value, !value.isEmpty, value.count <= Limits.length else { return nil }
    if value.count >= 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
      value = value.dropFirst().dropLast()
    }
    return value.isEmpty ? nil : value.printable(atMost: Limits.length)
  }
}
