import RegistrationControl
import SIPTransaction
import SIPUserAgent

/// A configuration takes the place of another while registrations go on.
extension Supervisor {
  /// Reads the configuration again and applies what differs. With an error in it nothing changes.
  package func reload(dryRun: Bool) async throws(ControlError) -> ReloadReport {
    guard isReady else { throw .unavailable(reason: "the daemon is starting or stopping") }
    guard !isReloading else { throw .unavailable(reason: "a reload is at work") }
    isReloading = true
    defer { isReloading = false }
    if !dryRun { manager.reloading() }
    defer { if !dryRun { manager.ready() } }
    let new: Configuration
    do {
      new = try reread()
    } catch {
      log.write(error.lines.map { EventLog.Entry(.error, $0) })
      log.write(.error, "the configuration is wrong, nothing was changed")
      throw .reloadFailed(error.lines)
    }
    let diff = ConfigurationDiff(from: configuration, to: new)
    let report = ReloadReport(
      added: diff.added.map(\.name), changed: diff.changed.map(\.name), removed: diff.removed,
      unchanged: diff.unchanged, restartNeeded: diff.restartSettings)
    if !dryRun { await apply(diff, new) }
    return report
  }

  private func apply(_ diff: ConfigurationDiff, _ new: Configuration) async {
    var added = diff.added
    var continued: [Int: [Event]] = [:]
    var removed = diff.removed
    for account in diff.changed {
      guard let place = directory[account.name] else { continue }
      let former = await shards[Int(place.shard)].statuses(of: [place.id]).first?.account
      if let former, account.continues(former) {
        continued[Int(place.shard), default: []].append(.change(place.id, account))
      } else {
        removed.append(account.name)
        added.append(account)
      }
    }
    for (shard, events) in continued.sorted(by: { $0.key < $1.key }) { await shards[shard].handle(events) }
    await takeOut(removed)
    await takeIn(added)
    announce(diff)
    // What only a restart applies stays as it is, so that the next reload still says so.
    var settings = configuration.daemon
    settings.unregistersOnStop = new.daemon.unregistersOnStop
    settings.stopTimeout = new.daemon.stopTimeout
    settings.log.level = new.daemon.log.level
    log.setLevel(settings.log.level)
    configuration = Configuration(daemon: settings, accounts: new.accounts, path: new.path)
    loadedAt = BootClock.now
    log.write(
      .notice,
      "reloaded: \(diff.added.count) added, \(diff.changed.count) changed, \(diff.removed.count) removed, "
        + "\(diff.unchanged) unchanged")
  }

  /// Tells whoever watches.
  private func announce(_ diff: ConfigurationDiff) {
    let removed = Set(diff.removed)
    let gone = configuration.accounts.filter { removed.contains($0.name) }
    feed.announce { clock in
      let now = clock.timestamp(of: BootClock.now)
      func events(
        _ accounts: [SIPUserAgent.Account], _ kind: RegistrationEvent.Kind, _ state: RegistrationState, _ text: String
      ) -> [RegistrationEvent] {
        accounts.map {
          RegistrationEvent(
            at: now, account: $0.name, aor: $0.addressOfRecord.description, kind: kind, state: state, text: text)
        }
      }
      return events(diff.added, .added, .unregistered, "added by a reload")
        + events(diff.changed, .changed, .registering, "changed by a reload")
        + events(gone, .removed, .unregistering, "taken out by a reload")
    }
  }
}
