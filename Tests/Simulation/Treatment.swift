import SIPMessage

/// How a next hop, a registrar or a single account fares.
enum Treatment: Equatable {
  case good
  /// As `good`, after 5 to 20 s.
  case slow
  case silent
  /// Nobody is there, says the transport at once; of a next hop only.
  case refused
  /// With a Retry-After of so many seconds.
  case answers(Int, retryAfter: Int? = nil)

  var isGood: Bool {
    switch self {
    case .good, .slow: true
    case .silent, .refused, .answers: false
    }
  }

  /// What may go wrong with one account, and with many.
  static let own: [Treatment] = [
    .silent, .answers(500), .answers(503), .answers(503, retryAfter: 30), .answers(503, retryAfter: 1800),
    .answers(480),
    .answers(403),
  ]
  static let ofDomain: [Treatment] = [.silent, .answers(408), .answers(500), .answers(503), .answers(504)]
  static let ofHop: [Treatment] = [.silent, .refused, .answers(503)]
}

/// A treatment, and since when it is good, if it is.
struct Fortune {
  private(set) var treatment: Treatment
  private(set) var goodSince: Instant?

  init(_ treatment: Treatment, now: Instant) {
    self.treatment = treatment
    goodSince = treatment.isGood ? now : nil
  }

  mutating func turns(to treatment: Treatment, now: Instant) {
    let wasGood = self.treatment.isGood
    self.treatment = treatment
    goodSince = treatment.isGood ? (wasGood ? goodSince : now) : nil
  }
}
