/// Everything about one account, on one screen: what `sipregctl show` and `explain` print.
package enum AccountSheet {
  package static func show(_ details: AccountDetails, now: Timestamp, palette: Palette) -> String {
    let account = details.account
    var fields = FieldList()
    fields.append("account", account.name, .strong)
    fields.append("address of record", account.aor)
    fields.append("registrar", account.registrar)
    fields.append("state", account.state.rawValue, account.state.paint)
    fields.append("reason", account.reason)
    fields.append("last response", AccountTable.lastResponse(account))
    fields.append("failures in a row", account.failures > 0 ? "\(account.failures)" : nil, .bad)
    fields.append("bound", details.boundSince.map { SpokenTime.relative($0, to: now) })
    fields.append("expires", expiry(details, now))
    fields.append("next", AccountTable.next(account, now))
    fields.append("contact", account.contact)
    fields.append("via", account.via)
    fields.append("route set", details.routeSet)
    fields.append("target", details.targetAddress)
    fields.append("Call-ID", details.callID)
    fields.append("CSeq", "\(details.cseq)")
    fields.append("From tag", details.fromTag)
    return fields.rendered(palette) + exchanges(details, now, palette)
  }

  package static func explain(_ details: AccountDetails, now: Timestamp, palette: Palette) -> String {
    let account = details.account
    let name = palette.paint(PlainText.neutralised(account.name), .strong)
    let state = palette.paint(account.state.rawValue, account.state.paint)
    var lines = ["\(name) is \(state)."]
    lines += details.explanation.map { "  " + PlainText.neutralised($0) }
    let next = AccountTable.next(account, now)
    let plan = account.state.isInFlight ? "whatever the answer says" : PlainText.neutralised(next)
    lines.append(plan.isEmpty ? "  Nothing is planned." : "  Next: \(plan).")
    return lines.map { $0 + "\n" }.joined() + exchanges(details, now, palette)
  }

  private static func expiry(_ details: AccountDetails, _ now: Timestamp) -> String? {
    guard let expiresAt = details.account.expiresAt else { return nil }
    let relative = SpokenTime.relative(expiresAt, to: now)
    return details.grantedExpirySeconds.map { "\(relative) (granted \($0) s)" } ?? relative
  }

  private static func exchanges(_ details: AccountDetails, _ now: Timestamp, _ palette: Palette) -> String {
    guard !details.exchanges.isEmpty else { return "" }
    var table = Table([
      .init("WHEN"), .init("REQUEST"), .init("TO"), .init("ANSWER", limit: 60), .init("TOOK", isNumber: true),
    ])
    for exchange in details.exchanges {
      let answer = [exchange.status.map(String.init), exchange.outcome].compactMap(\.self).joined(separator: " ")
      table.append([
        .init(SpokenTime.relative(exchange.at, to: now)), .init(exchange.method), .init(exchange.target),
        .init(answer, paint(exchange)), .init(exchange.roundTripMilliseconds.map { "\($0) ms" } ?? ""),
      ])
    }
    return "\n" + table.rendered(palette)
  }

  /// 401 and 407 are a step of the way, not a failure.
  private static func paint(_ exchange: Exchange) -> Paint {
    switch exchange.status {
    case .some(200..<300): .good
    case 401, 407, 423: .busy
    case .some, .none: .bad
    }
  }
}
