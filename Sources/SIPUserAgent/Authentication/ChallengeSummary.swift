import SIPMessage

/// What a challenge asked for and who answered, or would have, for people. No secret is in it.
package struct ChallengeSummary: Sendable, Equatable {
  package enum Limits {
    /// Characters that are shown of a realm.
    package static let realm = 128
    /// Characters that are shown of an algorithm, and of an offer of qualities.
    package static let algorithm = 32
    /// Characters that are shown of a user name.
    package static let username = 128
  }

  package let realm: String
  /// As the challenge writes it; MD5 when it names none.
  package let algorithm: String
  /// The offer of qualities as it is written, where none of them is known here.
  package let unknownQuality: String?
  /// Of the credential for the realm, whatever it can answer; nil: there is none.
  package let username: String?

  init(_ challenge: Challenge, _ credentials: ShortList<Credential>) {
    realm = challenge.realm[...].printable(atMost: Limits.realm)
    let name = challenge.algorithmName.flatMap { $0.isEmpty ? nil : $0 }
    algorithm = name?.printable(atMost: Limits.algorithm) ?? DigestAlgorithm(hash: .md5).token.description
    unknownQuality =
      challenge.hasUnknownQualityOnly ? challenge.qualityNames?.printable(atMost: Limits.algorithm) : nil
    let own = credentials.first { $0.realm == challenge.realm } ?? credentials.first { $0.realm == nil }
    let credential =
      challenge.algorithm.flatMap { Authenticator.credential(for: challenge.realm, $0, in: credentials) } ?? own
    username = credential?.username.printable(atMost: Limits.username)
  }

  /// Sums up the first that there is a credential for, else the first.
  init?(_ challenges: ShortList<Challenge>, _ credentials: ShortList<Credential>) {
    var first: ChallengeSummary?
    for challenge in challenges {
      let summary = ChallengeSummary(challenge, credentials)
      if summary.username != nil {
        self = summary
        return
      }
      first = first ?? summary
    }
    guard let first else { return nil }
    self = first
  }
}

extension ChallengeSummary: CustomStringConvertible {
  package var description: String {
    "realm \"\(realm)\", \(algorithm)" + (unknownQuality.map { ", qop \"\($0)\"" } ?? "")
      + (username.map { ", user name \"\($0)\"" } ?? "")
  }
}
