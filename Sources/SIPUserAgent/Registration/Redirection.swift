import SIPMessage

/// One of the places that a 3xx names (RFC 3261 §8.1.3.4).
struct Redirection: Sendable {
  enum Limits {
    /// Contacts of one response that are read.
    static let contacts = 64
    /// Contacts of one response that are kept, the best of those read.
    static let alternatives = 8
    /// Bytes of a URI that is followed, logged and shown; a host name has 255 at most.
    static let length = 512
  }

  let uri: URI
  let status: Int
  /// Where the attempt was when it was named.
  let formerURI: URI?
  let formerProxy: URI?

  /// 305: to be put in front.
  var isProxy: Bool { status == 305 }

  /// What a 3xx names, the highest q first (§20.10) and otherwise in its order; what can not be read, is too long or no
  /// SIP URI is skipped.
  static func targets(of response: Message) -> [URI] {
    var found: [(uri: URI, preference: Int)] = []
    response.forEachListedContact { contact in
      guard contact.isMeantForSIP, contact.uriText.count <= Limits.length,
        let uri = try? URI(parsing: contact.uriText), uri.host != nil
      else { return true }
      found.append((uri, contact.preference))
      return found.count < Limits.contacts
    }
    // A sort that keeps the order of equals.
    let best = found.enumerated().sorted { ($1.element.preference, $0.offset) < ($0.element.preference, $1.offset) }
    return best.prefix(Limits.alternatives).map(\.element.uri)
  }
}

extension ListedContact {
  /// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths; 1000 when there is none, 0 when it can
  /// not be read.
  fileprivate var preference: Int {
    guard let text = parameters["q"] else { return 1000 }
    let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    let whole = parts[0].isEmpty ? 0 : parts[0].decimal(Int.self)
    guard let whole, (0...1).contains(whole) else { return 0 }
    guard parts.count == 2, !parts[1].isEmpty else { return 1000 * whole }
    let digits = parts[1].prefix(3)
    guard let fraction = digits.decimal(Int.self) else { return 0 }
    return min(1000, 1000 * whole + fraction * [100, 10, 1][digits.count - 1])
  }
}
