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
    /// Bytes of all of them: they are kept with the account, and written with its record.
    package static let whole = 2048
  }

  /// What a value is; where it is stored, it bears this name.
  package enum Kind: String, Sendable {
    case publicGRUU = "pub-gruu"
    case temporaryGRUU = "temp-gruu"
    case path
    case associatedURI = "uri"
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
    // First what calls can not do without.
    if let instance { takeGRUUs(of: "\"<urn:uuid:\(instance)>\"", from: response) }
    take(.path, .path, of: response)
    take(.associatedURI, .pAssociatedURI, of: response)
  }

  /// Nearly always there is nothing of the kind.
  static func mayBeSome(in response: Message) -> Bool { response.contains(.path) || response.contains(.pAssociatedURI) }

  private mutating func takeGRUUs(of instance: String, from response: Message) {
    response.forEachListedContact { contact in
      guard contact.parameters["+sip.instance"]?.equalsIgnoringCase(instance.utf8) == true else { return true }
      take(.publicGRUU, contact.parameters["pub-gruu"]?.unquoted[...])
      take(.temporaryGRUU, contact.parameters["temp-gruu"]?.unquoted[...])
      return false
    }
  }

  private mutating func take(_ kind: Kind, _ name: HeaderName, of response: Message) {
    response.forEachValue(name) { value in
      take(kind, value)
      return hasPlace(for: kind)
    }
  }

  private mutating func take(_ kind: Kind, _ value: Bytes?) {
    guard let value, value.count <= Limits.length else { return }
    add(kind, value.printable(atMost: Limits.length))
  }

  // MARK: Value by value

  /// Adds a value behind those of its kind; one that is more than what is kept, or not fit to be shown, is left out.
  package mutating func add(_ kind: Kind, _ value: String) {
    let count = value.utf8.count
    guard (1...Limits.length).contains(count), hasPlace(for: kind), length + count <= Limits.whole,
      value == value.printable(atMost: Limits.length)
    else { return }
    switch kind {
    case .publicGRUU: publicGRUU = value
    case .temporaryGRUU: temporaryGRUU = value
    case .path: path.append(value)
    case .associatedURI: associatedURIs.append(value)
    }
  }

  /// Each value, in an order in which `add` comes to the same.
  package func forEach(_ body: (Kind, String) -> Void) {
    if let publicGRUU { body(.publicGRUU, publicGRUU) }
    if let temporaryGRUU { body(.temporaryGRUU, temporaryGRUU) }
    for value in path { body(.path, value) }
    for value in associatedURIs { body(.associatedURI, value) }
  }

  private func hasPlace(for kind: Kind) -> Bool {
    switch kind {
    case .publicGRUU: publicGRUU == nil
    case .temporaryGRUU: temporaryGRUU == nil
    case .path: path.count < Limits.values
    case .associatedURI: associatedURIs.count < Limits.values
    }
  }

  private var length: Int {
    var length = 0
    forEach { length += $1.utf8.count }
    return length
  }

  /// Whether what was stored of another serves as well: each temporary GRUU is good as long as the registration lasts
  /// (RFC 5627 §3.1.2), and every 2xx brings another.
  func isWorthTheSame(as other: Granted) -> Bool {
    path == other.path && associatedURIs == other.associatedURIs && publicGRUU == other.publicGRUU
      && (temporaryGRUU == nil) == (other.temporaryGRUU == nil)
  }
}
