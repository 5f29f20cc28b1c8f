import RegistrationControl
import SIPMessage
import SIPUserAgent

/// An operator's wish to refresh: what it comes to at once, and the outcomes for whoever waits for them.
extension Supervisor {
  /// Between two looks at accounts whose outcome is waited for.
  private static let lookInterval: Duration = .milliseconds(100)
  /// So many of them are looked at in one go; the others have to have their outcome, too, and are looked at later.
  private static let ticketsPerLook = 4_096

  /// - Parameter wait: how long to wait for outcomes, in seconds; nil: not at all
  package func refresh(_ selection: AccountSelection, wait: Int?) async throws(ControlError) -> RefreshReport {
    let clock = WallClock()
    var report = RefreshReport()
    var awaited = [[RefreshTicket]](repeating: [], count: shards.count)
    for places in try chunks(of: selection) {
      var ids = [[AccountID]](repeating: [], count: shards.count)
      for place in places { ids[Int(place.shard)].append(place.id) }
      for (index, ids) in ids.enumerated() where !ids.isEmpty {
        let tickets = await shards[index].refresh(ids, areNamed: selection.isOfNames)
        report.count(tickets, clock)
        let room = RefreshReport.namesShown - report.pausedNames.count
        let paused = tickets.lazy.filter { $0.fate == .paused }.map(\.id).prefix(max(0, room))
        if !paused.isEmpty { report.pausedNames += await shards[index].names(of: Array(paused)) }
        if wait != nil { awaited[index] += tickets.filter(\.isAwaited) }
      }
    }
    if let wait { await settle(&awaited, by: BootClock.now + .seconds(Int64(wait)), &report) }
    return report
  }

  /// The accounts that are meant, a part at a time: between two of them others have their turn.
  private func chunks(of selection: AccountSelection) throws(ControlError) -> [[Directory.Place]] {
    guard selection.all == true else { return [try names(of: selection).compactMap { directory[$0] }] }
    return stride(from: 0, to: directory.positions.count, by: Self.accountsPerQuestion).map {
      directory.places(at: $0..<$0 + Self.accountsPerQuestion)
    }
  }

  private func settle(
    _ awaited: inout [[RefreshTicket]], by deadline: Instant, _ report: inout RefreshReport
  ) async {
    (report.refreshed, report.failed) = (0, 0)
    for index in awaited.indices {
      while !awaited[index].isEmpty {
        let looked = Array(awaited[index].suffix(Self.ticketsPerLook))
        awaited[index].removeLast(looked.count)
        let (rest, settled) = await shards[index].settled(looked)
        awaited[index] += rest
        await count(settled, of: shards[index], &report)
        guard BootClock.now < deadline else { break }
        if !rest.isEmpty { try? await Task.sleep(for: Self.lookInterval) }
      }
      // The time is up; most of those that had no look of late may have had their outcome long ago.
      let unseen = awaited[index]
      awaited[index] = []
      for start in stride(from: 0, to: unseen.count, by: Self.ticketsPerLook) {
        let looked = Array(unseen[start..<min(start + Self.ticketsPerLook, unseen.count)])
        let (rest, settled) = await shards[index].settled(looked)
        awaited[index] += rest
        await count(settled, of: shards[index], &report)
      }
      let room = RefreshReport.namesShown - report.outcomes.count
      let open = awaited[index].prefix(max(0, room))
      report.outcomes += await shards[index].outlooks(of: Array(open)).map { .init(name: $0.name, words: $0.words) }
    }
    report.open = awaited.reduce(0) { $0 + $1.count }
  }

  private func count(_ settled: [(AccountID, String?)], of shard: Shard, _ report: inout RefreshReport) async {
    for (id, words) in settled {
      guard let words else {
        report.refreshed = (report.refreshed ?? 0) + 1
        continue
      }
      report.failed = (report.failed ?? 0) + 1
      guard report.outcomes.count < RefreshReport.namesShown else { continue }
      let name = await shard.names(of: [id]).first ?? ""
      report.outcomes.append(.init(name: name, words: words))
    }
  }
}

extension RefreshReport {
  fileprivate mutating func count(_ tickets: [RefreshTicket], _ clock: WallClock) {
    for ticket in tickets {
      affected += 1
      switch ticket.fate {
      case .sent: sent += 1
      case .inFlight: inFlight += 1
      case .planned: planned += 1
      case .held: held += 1
      case .paused: paused += 1
      case .leaving, .gone: leaving += 1
      }
      guard let at = ticket.plannedAt.map({ clock.timestamp(of: $0) }) else { continue }
      plannedBy = max(plannedBy ?? at, at)
    }
  }
}
