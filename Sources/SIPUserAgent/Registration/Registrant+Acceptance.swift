import SIPMessage

/// What an account makes of a 2xx (RFC 3261 §10.2.4).
extension Registrant {
  /// What a 2xx comes to.
  enum Acceptance {
    case unregistered
    /// Our Contact is not listed; whether anything was bound before.
    case notBound(lapsed: Bool)
    /// `isNews`: after a failure, too, even where the old binding lived on. `renewal`: nil when the whole record has to
    /// survive.
    /// `news`: what is odd about it, and was not before.
    case bound(
      Binding, isRefresh: Bool, isNews: Bool, renewal: Renewal?, news: [Notice], end: Registration.EndAction)
  }

  /// A 2xx came.
  ///
  /// - Parameter plan: when to refresh, within this window
  mutating func accept(
    _ response: Message, now: Instant, plan: (ClosedRange<Instant>) -> Instant
  ) -> Acceptance {
    authenticator.succeeded(response)
    guard !isUnregistering else { return .unregistered }
    guard let way = sentWay, let routeIndex = attemptRoute, let contact else {
      preconditionFailure("a 2xx without a REGISTER in \(registration.state)")
    }
    guard let grant = contact.grant(by: response, asked: asked, matching: account.contact.matching) else {
      noteUnbound(status: response.status ?? 200, over: way, now: now)
      return .notBound(lapsed: registration.lost())
    }
    let policy = account.policy
    let granted = min(.seconds(Int64(grant.seconds)), policy.maximumExpires)
    let (serviceRoute, isLong) = Binding.serviceRoute(of: response)
    // The registrar may have counted since the first copy of the request: its answer may have come late, or again.
    let binding = Binding(
      registeredAt: sentAt, expiresAt: sentAt + granted, contact: contact.text, routeIndex: routeIndex, way: way,
      serviceRoute: serviceRoute)
    let former = registration.binding
    let isRefresh = registration.isBound
    let isNews = !isRefresh || registration.failures > 0
    let window = RefreshPlan(granted: granted, policy: policy)
      .window(since: sentAt, floor: now + policy.minimumInterval)
    let refreshAt = plan(window)
    let end = ends { $0.succeeded(binding, refreshAt: refreshAt) }
    // Nearly always there is nothing to say, and was not.
    let isPlain = grant.isOurs && !isLong && learned.isEmpty && account.outbound == nil
    let news = isPlain ? [] : note(grant.listed, hasLongServiceRoute: isLong, flows: flows(response))
    vouch(for: routeIndex)
    noteSource(response)
    noteGrants(response)
    return .bound(
      binding, isRefresh: isRefresh, isNews: isNews, renewal: renewal(of: former, by: binding), news: news,
      end: end)
  }

  /// Whether several flows are registered with somebody who says nothing of keeping them apart (RFC 5626 §6).
  private func flows(_ response: Message) -> Bool {
    guard let outbound = account.outbound, outbound.flows > 1 else { return false }
    return !offered.contains(.outbound) || !response.isOfOutbound
  }

  /// - Returns: what is odd now and was not before.
  private mutating func note(
    _ listed: OwnContact.Listing, hasLongServiceRoute: Bool, flows isFlowUnknown: Bool
  ) -> [Notice] {
    if rejected != nil { rejected = nil }
    doubts = 0
    let former = notices
    var notices = Notice(listed).map { [$0] } ?? []
    if hasLongServiceRoute { notices.append(.longServiceRoute) }
    if isFlowUnknown { notices.append(.noOutbound) }
    if notices != former { self.notices = notices }
    return notices.filter { !former.contains($0) }
  }

  /// What has to survive of a refresh that changed nothing but times and counts.
  ///
  /// - Returns: nil when the whole record has to.
  @inline(__always)
  private func renewal(of former: Binding?, by binding: Binding) -> Renewal? {
    guard isRecorded, !authenticator.hasNews, !cSeq.isRunningLow, let former, binding.isSame(as: former) else {
      return nil
    }
    return Renewal(
      key: key, registeredAt: binding.registeredAt, expiresAt: binding.expiresAt,
      nonceCount: authenticator.highestCount)
  }
}
