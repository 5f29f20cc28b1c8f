/// How long answers are believed, how long is waited for them, and how many are kept.
package struct ResolverPolicy: Sendable {
  /// A TTL below this counts as this: a zone with TTL 0, or the hosts file, is not asked for every message.
  package var shortestLifetime: Duration = .seconds(5)
  package var longestLifetime: Duration = .seconds(3_600)
  /// "No such name" and "no record" (RFC 2308 §5, far below its upper bound, because people mend typing errors). Shorter
  /// than the first back-off of a registration, 15 s at the least, so that every attempt finds out anew.
  package var negativeLifetime: Duration = .seconds(10)
  /// The longest that the absence of SRV and NAPTR records is believed where the zone says so (RFC 2308 §5): a domain that
  /// begins to publish them is noticed as soon. Only while the domain leads somewhere without them.
  package var longestAbsence: Duration = .seconds(300)
  /// Failures of the DNS itself (RFC 2308 §7): until then nobody asks again. For the same reason as short.
  package var failureLifetime: Duration = .seconds(10)
  /// Some name servers never answer for types that they do not know. Where addresses are found all the same, they are not
  /// asked for those again before this is over.
  package var serviceFailureLifetime: Duration = .seconds(60)
  /// How long after its end an answer may stand in for a new one (RFC 8767 §5: one to three days).
  package var staleLifetime: Duration = .seconds(3 * 86_400)
  /// Whoever waits longer gets the stale answer if there is one, while the lookup goes on (RFC 8767 §5).
  package var staleAfter: Duration = .milliseconds(1_800)
  /// SRV and NAPTR records are waited for no longer than this, and asked for no more often: after them comes something
  /// that may do without.
  package var serviceTimeout: Duration = .milliseconds(1_500)
  package var serviceTries = 2
  /// Answers that are kept.
  package var capacity = 4_096
  /// Lookups at the same time; further ones wait their turn.
  package var maximumLookups = 64

  package init() {}
}
