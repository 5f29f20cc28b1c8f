/// Accounts as lines of a table: what `sipregctl list` shows.
package enum AccountTable {
  package static func rendered(_ accounts: [Account], now: Timestamp, palette: Palette) -> String {
    var table = Table([
      .init("NAME"), .init("ADDRESS OF RECORD"), .init("STATE"), .init("EXPIRES"), .init("NEXT"), .init("VIA"),
      .init("NOTE", limit: 72),
    ])
    for account in accounts {
      table.append([
        .init(account.name, .strong), .init(account.aor), .init(account.state.rawValue, account.state.paint),
        .init(account.expiresAt.map { SpokenTime.relative($0, to: now) } ?? ""),
        .init(next(account, now)), .init(account.via ?? ""), .init(note(account), .faint),
      ])
    }
    return table.rendered(palette)
  }

  static func next(_ account: Account, _ now: Timestamp) -> String {
    [account.nextAction, account.nextActionAt.map { SpokenTime.relative($0, to: now) }]
      .compactMap(\.self).joined(separator: " ")
  }

  /// The reason, how often it failed, and the last response: what there is of them, and nothing when all is well.
  static func note(_ account: Account) -> String {
    guard !account.state.isRegistered || account.failures > 0 || account.reason != nil else { return "" }
    var notes: [String] = []
    if let reason = account.reason, !reason.isEmpty { notes.append(reason) }
    if let status = lastResponse(account), !notes.contains(where: { $0.contains(status) }) { notes.append(status) }
    if account.failures > 1 { notes.append("\(account.failures) failures") }
    return notes.joined(separator: ", ")
  }

  static func lastResponse(_ account: Account) -> String? {
    guard let status = account.lastStatus else { return nil }
    guard let reason = account.lastReason, !reason.isEmpty else { return "\(status)" }
    return "\(status) \(reason)"
  }
}
