/// How the next hops of an account were looked up, in the lines that `explain` has of it.
enum LookupLines {
  static func lines(_ details: AccountDetails, now: Timestamp) -> [(indent: Int, text: String)] {
    details.lookups.flatMap { lookup -> [(indent: Int, text: String)] in
      let title = "\(lookup.hop) was looked up \(SpokenTime.relative(lookup.at, to: now)):"
      var lines = lookup.steps
      if !lookup.order.isEmpty { lines.append("order: \(lookup.order.joined(separator: ", "))") }
      if let failure = lookup.failure { lines.append(failure) }
      if let target = details.targetAddress, lookup.order.contains(target) { lines.append("now at \(target)") }
      return [(2, title)] + lines.map { (4, $0) }
    }
  }
}
