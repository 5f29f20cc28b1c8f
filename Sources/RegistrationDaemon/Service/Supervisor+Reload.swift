import DaemonConfiguration
import Dispatch
import RegistrationControl
import SIPMessage
import SIPTransport
import SIPUserAgent

/// A configuration takes the place of another while registrations go on.
extension Supervisor {
  /// Reads the configuration again and applies what differs. With an error in it nothing changes.
  package func reload(dryRun: Bool) async throws(ControlError) -> ReloadReport {
    guard isReady else { throw .unavailable(reason: "the daemon is starting or stopping") }
    guard !isReloading else { throw .unavailable(reason: "a reload is under way") }
    guard !reader.isExhausted else {
      throw .unavailable(reason: "\(PatientReader.mostHanging) earlier reloads still wait for a file system that hangs")
    }
    isReloading = true
    defer { isReloading = false }
    if !dryRun { manager.reloading() }
    defer { if !dryRun { manager.ready() } }
    let new: Configuration
    let diff: ConfigurationDiff
    switch await compare(with: configuration) {
    case nil:
      let words =
        "the configuration could not be read within \(SpokenTime.words(PatientReader.patience)), nothing was changed: "
        + "does a file system hang?"
      log.write(.error, words)
      throw .reloadFailed([words])
    case .success(let found)?: (new, diff) = found
    case .failure(let error)?:
      log.write(error.lines.map { EventLog.Entry(.error, $0) })
      log.write(.error, "the configuration is wrong, nothing was changed")
      throw .reloadFailed(error.lines)
    }
    guard isReady else { throw .unavailable(reason: "the daemon is stopping") }
    let report = ReloadReport(
      added: diff.added.map(\.name), changed: (diff.changed + diff.replaced).map(\.name),
      removed: diff.removed.map(\.name), unchanged: diff.unchanged, restartNeeded: diff.restartSettings)
    guard !dryRun else { return report }
    try await use(new.profiles)
    await apply(diff, new)
    return report
  }

  /// Files with certificates are read anew even where no word of the configuration has changed. A number that is in use
  /// already means what it did: those that are new come behind.
  private func use(_ profiles: [ConnectionProfile]) async throws(ControlError) {
    let result = await reader.read(within: PatientReader.patience) { [transports] in
      Result { () throws(ProfileError) in for transport in transports { try transport.use(profiles: profiles) } }
    }
    switch result {
    case .success?: return
    case .failure(let error)?:
      log.write(.error, "\(error); nothing was changed")
      throw .reloadFailed(["\(error)"])
    case nil:
      let words = "files with certificates could not be read within \(SpokenTime.words(PatientReader.patience))"
      log.write(.error, "\(words), nothing was changed: does a file system hang?")
      throw .reloadFailed([words])
    }
  }

  /// Reading takes seconds when there are a million accounts: neither the supervisor nor a thread that others wait for
  /// does it.
  ///
  /// - Returns: nil when it took too long.
  private func compare(
    with former: Configuration
  ) async -> Result<(Configuration, ConfigurationDiff), ConfigurationErrors>? {
    await reader.read(within: PatientReader.patience) { [reread] in
      Result { () throws(ConfigurationErrors) in
        let new = try reread(former)
        return (new, ConfigurationDiff(from: former, to: new))
      }
    }
  }

  private func apply(_ diff: ConfigurationDiff, _ new: Configuration) async {
    log.write(new.warnings.lines.map { EventLog.Entry(.warning, $0) })
    await change(diff.changed)
    await takeOut((diff.replaced + diff.removed).map(\.name))
    await takeIn(diff.replaced + diff.added)
    announce(diff)
    // What only a restart applies stays as it is, so that the next reload still says so.
    var settings = configuration.daemon
    settings.unregistersOnStop = new.daemon.unregistersOnStop
    settings.stopTimeout = new.daemon.stopTimeout
    settings.log.level = new.daemon.log.level
    log.setLevel(settings.log.level)
    configuration = Configuration(
      daemon: settings, accounts: new.accounts, profiles: new.profiles, path: new.path)
    loadedAt = BootClock.now
    log.write(
      .notice,
      "reloaded: \(diff.added.count) added, \(diff.changed.count + diff.replaced.count) changed, "
        + "\(diff.removed.count) removed, \(diff.unchanged) unchanged")
  }

  /// Tells whoever watches.
  private func announce(_ diff: ConfigurationDiff) {
    feed.announce { clock in
      let now = clock.timestamp(of: BootClock.now)
      func events(
        _ accounts: [Account], _ occurrence: Occurrence, _ state: RegistrationState
      ) -> [RegistrationEvent] {
        accounts.map { RegistrationEvent(occurrence, of: $0, in: state, at: now) }
      }
      return events(diff.added, .added, .unregistered)
        + events(diff.changed + diff.replaced, .changed, .registering)
        + events(diff.removed, .removed, .unregistering)
    }
  }
}
