/// Everything about one account, on one screen: what `sipregctl show` and `explain` print.
package enum AccountSheet {
  package static func show(
    _ details: AccountDetails, now: Timestamp, palette: Palette, width: Int? = nil
  ) -> String {
    let account = details.account
    var fields = FieldList()
    fields.append("account", account.name, .strong)
    fields.append("address of record", account.aor)
    fields.append("registrar", account.registrar)
    fields.append("state", account.state.rawValue, AccountTable.paint(account))
    fields.append("bound", bound(details, now), account.isAsWanted ? .plain : .bad)
    fields.append("reason", account.reason)
    fields.append("warning", details.warnings, .bad)
    fields.append("last answer", AccountTable.lastResponse(account))
    fields.append("failures in a row", account.failures > 0 ? "\(account.failures)" : nil, .bad)
    fields.append("expiry", expiry(details))
    fields.append("next", AccountTable.next(account, now))
    fields.append("contact", account.contact)
    fields.append("local address", details.localAddress)
    fields.append("seen from", details.seenFrom.map { "\($0), says the registrar" })
    fields.append("keep-alive", details.keepAlive)
    fields.append("via", account.via)
    fields.append("route set", details.routeSet)
    fields.append("target", details.targetAddress)
    fields.append("terms", details.terms)
    fields.append("flow", details.flow)
    fields.append("path", details.path)
    fields.append("service route", details.serviceRoute)
    fields.append("also known as", details.associatedURIs)
    fields.append("public GRUU", details.publicGRUU)
    fields.append("temporary GRUU", details.temporaryGRUU)
    fields.append("credentials", details.credentials.map(words))
    fields.append("Call-ID", details.callID)
    fields.append("CSeq", "\(details.cseq)")
    fields.append("From tag", details.fromTag)
    return fields.rendered(palette, width: width) + exchanges(details, now, palette, width)
  }

  package static func explain(
    _ details: AccountDetails, now: Timestamp, palette: Palette, width: Int? = nil
  ) -> String {
    let account = details.account
    let name = palette.paint(PlainText.clipped(PlainText.neutralised(account.name), to: 48), .strong)
    let state = palette.paint(account.state.rawValue, AccountTable.paint(account))
    var lines = ["\(name) is \(state)\(account.bound || !account.wanted ? "" : ", and not bound")."]
    let next = AccountTable.next(account, now)
    let plan = account.state.isInFlight ? "whatever the answer says" : next
    let thoughts = details.explanation + [plan.isEmpty ? "Nothing is planned." : "Next: \(plan)."] + details.terms
    for thought in thoughts {
      let text = PlainText.clipped(PlainText.neutralised(thought), to: FieldList.limit)
      let wrapped = WrappedText.lines(text, width: width.map { $0 - 2 }, hanging: 2)
      lines += wrapped.enumerated().map { ($0 == 0 ? "  " : "    ") + $1 }
    }
    for (indent, thought) in LookupLines.lines(details, now: now) {
      let text = PlainText.clipped(PlainText.neutralised(thought), to: FieldList.limit)
      let wrapped = WrappedText.lines(text, width: width.map { $0 - indent }, hanging: 2)
      lines += wrapped.enumerated().map { String(repeating: " ", count: $0 == 0 ? indent : indent + 2) + $1 }
    }
    return lines.map { $0 + "\n" }.joined() + exchanges(details, now, palette, width)
  }

  private static func words(_ use: CredentialsInUse) -> String {
    "\(PlainText.clipped(use.username, to: 64)), realm \(PlainText.clipped(use.realm, to: 64)), \(use.algorithm)"
  }

  private static func bound(_ details: AccountDetails, _ now: Timestamp) -> String {
    let since = details.boundSince.map { ", last renewed \(SpokenTime.relative($0, to: now))" } ?? ""
    let words = AccountTable.bound(details.account, now)
    return details.account.bound ? words + since : words
  }

  /// "60 s granted of 3600 s asked for"
  private static func expiry(_ details: AccountDetails) -> String? {
    switch (details.grantedExpirySeconds, details.requestedExpirySeconds) {
    case (let granted?, let asked?): "\(granted) s granted, \(asked) s asked for"
    case (let granted?, nil): "\(granted) s granted"
    case (nil, let asked?): "\(asked) s asked for"
    case (nil, nil): nil
    }
  }

  private static func exchanges(
    _ details: AccountDetails, _ now: Timestamp, _ palette: Palette, _ width: Int?
  ) -> String {
    guard !details.exchanges.isEmpty else { return "" }
    var table = Table([
      .init("WHEN"), .init("REQUEST"), .init("TO"), .init("TOOK", isNumber: true),
      .init("ANSWER", limit: 160, below: ""),
    ])
    for exchange in details.exchanges {
      let answer = [exchange.status.map(String.init), exchange.outcome].compactMap(\.self).joined(separator: " ")
      table.append([
        .init(SpokenTime.relative(exchange.at, to: now)), .init(exchange.method), .init(exchange.target),
        .init(exchange.roundTripMilliseconds.map { "\($0) ms" } ?? ""), .init(answer, paint(exchange)),
      ])
    }
    let remark =
      details.wholeHistory ? "" : palette.paint("Of so many accounts only what goes wrong is kept.", .faint) + "\n"
    return "\n" + table.rendered(palette, width: width) + remark
  }

  /// 401 and 407 are a step of the way, not a failure.
  private static func paint(_ exchange: ExchangeReport) -> Paint {
    switch exchange.status {
    case .some(200..<300): .good
    case 401, 407, 423: .busy
    case .some, .none: .bad
    }
  }
}
