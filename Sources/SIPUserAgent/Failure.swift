import SIPMessage

/// Why a REGISTER got no binding, for people.
package enum Failure: Sendable, Equatable {
  /// A final response, with its reason phrase made printable.
  case response(status: Int, reason: String)
  /// Timer F.
  case timedOut
  /// Timer F, after answers that could not be used.
  case unusable(Discarded)
  /// No way was tried: all of them are known not to answer.
  case silent
  /// The transport's own words.
  case transport(String)
  /// The next hop has no address.
  case location(String)
  /// A 2xx that does not name our Contact, or grants it nothing.
  case notBound
  /// Redirected too often, in a circle, or to another domain.
  case redirect
  /// A challenge with a weaker hash than was accepted before.
  case weakerDigest
  /// The daemon did not do its part in time.
  case stalled(String)

  /// - Parameter phrase: from the network; control characters (C0, DEL, C1) become spaces, and 120 characters are enough.
  package static func response(status: Int, phrase: Bytes) -> Failure {
    if phrase.count <= 120, phrase.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
      return .response(status: status, reason: phrase.text)
    }
    let text = String(
      phrase.text.unicodeScalars.prefix(120).map {
        $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0)
      })
    return .response(status: status, reason: text)
  }
}

extension Failure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .response(let status, let reason): reason.isEmpty ? "\(status)" : "\(status) \(reason)"
    case .timedOut: "no answer"
    case .unusable(let discarded): discarded.description
    case .silent: "no next hop answers at present"
    case .transport(let words): words
    case .location(let words): words
    case .notBound: "accepted, but our Contact is not among those registered"
    case .redirect: "redirected where we do not follow"
    case .weakerDigest: "asked for a weaker digest than was accepted before; a refresh by hand takes it"
    case .stalled(let words): words
    }
  }
}

extension Discarded: CustomStringConvertible {
  package var description: String {
    count == 1
      ? "an answer came and could not be used: \(flaw.name)"
      : "\(count) answers came and could not be used: \(flaw.name)"
  }
}
