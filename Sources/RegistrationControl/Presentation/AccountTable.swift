/// Accounts as lines of a table: what `sipregctl list` shows.
package enum AccountTable {
  package static func rendered(
    _ accounts: [AccountReport], now: Timestamp, palette: Palette, width: Int? = nil
  ) -> String {
    var table = Table([
      .init("NAME"), .init("ADDRESS OF RECORD", below: ""), .init("STATE"), .init("BOUND"),
      .init("NEXT", below: "next: "),
      .init("VIA", below: "via "), .init("NOTE", limit: 160, below: ""),
    ])
    for account in accounts {
      table.append([
        .init(account.name, .strong), .init(account.aor), .init(account.state.rawValue, paint(account)),
        .init(bound(account, now), account.isAsWanted ? .plain : .bad),
        .init(next(account, now)), .init(via(account)), .init(note(account), .faint),
      ])
    }
    return table.rendered(palette, width: width)
  }

  /// What is bound is well enough, whatever is being done; what nobody wants bound is no failure.
  static func paint(_ account: AccountReport) -> Paint {
    switch account.state {
    case .waiting, .paused: account.bound ? .busy : account.wanted ? .bad : .faint
    case .registered, .refreshing, .registering, .unregistering, .unregistered: account.state.paint
    }
  }

  /// "for 54 s", "no"
  static func bound(_ account: AccountReport, _ now: Timestamp) -> String {
    guard account.bound else { return "no" }
    return account.expiresAt.map { "for \(SpokenTime.duration(seconds: $0.seconds(since: now)))" } ?? "yes"
  }

  /// Without a proxy there is nothing to name.
  private static func via(_ account: AccountReport) -> String {
    account.via.flatMap { $0 == "direct" ? nil : $0 } ?? ""
  }

  static func next(_ account: AccountReport, _ now: Timestamp) -> String {
    [account.nextAction, account.nextActionAt.map { SpokenTime.relative($0, to: now) }]
      .compactMap(\.self).joined(separator: " ")
  }

  /// The reason, how often it failed, and the last response: what there is of them, and nothing when all is well.
  static func note(_ account: AccountReport) -> String {
    guard !account.state.isRegistered || account.failures > 0 || account.reason != nil else { return "" }
    var notes: [String] = []
    if let reason = account.reason, !reason.isEmpty { notes.append(reason) }
    if let status = account.lastStatus, status != 200, account.wanted,
      !notes.contains(where: { $0.contains("\(status)") }), let status = lastResponse(account)
    {
      notes.append("last answer \(status)")
    }
    if account.failures > 1 { notes.append("\(account.failures) failures") }
    return notes.joined(separator: ", ")
  }

  static func lastResponse(_ account: AccountReport) -> String? {
    guard let status = account.lastStatus else { return nil }
    guard let reason = account.lastReason, !reason.isEmpty else { return "\(status)" }
    return "\(status) \(reason)"
  }
}
