/// What happened to a next hop that accounts share, or to one of several registrars beyond it.
package struct HopOccurrence: Sendable, Equatable {
  package enum Change: Sendable, Equatable {
    /// It fails everybody, the last one so.
    case fails(String)
    case serves(after: Duration, waiting: Int)
    /// The flow to this address does not hold what was registered over it, for this reason.
    case losesFlow(to: String, String, accounts: Int)
  }

  package var hop: String
  /// That fails, or serves, while others beyond the same hop may do otherwise; nil: the hop itself.
  package var registrar: String?
  package var change: Change

  package init(hop: String, registrar: String? = nil, _ change: Change) {
    self.hop = hop
    self.registrar = registrar
    self.change = change
  }

  package var words: String {
    let who = registrar.map { "\($0) through \(hop)" } ?? hop
    switch change {
    case .fails(let failure): return "\(who) fails (\(failure)): one account asks it, the others wait or go elsewhere"
    case .losesFlow(let target, let failure, let accounts):
      let who = accounts == 1 ? "account registers" : "accounts register"
      return "the flow to \(hop) (\(target)) failed: \(failure); \(SpokenNumber.grouped(accounts)) \(who) anew"
    case .serves(let silence, let waiting):
      let line = waiting > 0 ? "; \(SpokenNumber.counted(waiting, "account")) waited and follow" : ""
      return "\(who) serves again after \(SpokenTime.words(silence))\(line)"
    }
  }

  /// Addresses of it that are not tried, where others are.
  package static func leftOut(_ words: String) -> String { "\(words); the other addresses are tried" }
}
