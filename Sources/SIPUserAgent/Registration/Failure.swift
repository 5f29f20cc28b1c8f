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
  /// A 401 or 407 without a challenge of the digest scheme that can be read.
  case noChallenge(status: Int)
  /// Nothing configured answers the challenge.
  indirect case noCredential(status: Int, ChallengeSummary)
  /// Fresh credentials were met with the same challenge.
  indirect case rejected(status: Int, ChallengeSummary)
  /// The daemon did not do its part in time.
  case stalled(String)

  /// - Parameter phrase: from the network; control characters (C0, DEL, C1) become spaces, and 120 characters are enough.
  package static func response(status: Int, phrase: Bytes) -> Failure {
    .response(status: status, reason: phrase.printable(atMost: 120))
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
    case .noChallenge(let status): "\(status) without a challenge that can be answered"
    case .noCredential(let status, let challenge): "\(status), and nothing configured answers \(challenge)"
    case .rejected(let status, let challenge): "\(status), credentials rejected: \(challenge)"
    case .stalled(let words): words
    }
  }
}
