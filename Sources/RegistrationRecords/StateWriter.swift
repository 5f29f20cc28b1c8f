import Dispatch
import Glibc
import SIPUserAgent
import ShardCore

/// Owns the state file: opens it, sets a damaged one aside, writes, and keeps what could not be written.
///
/// Confined to the store's queue, which every entry asserts.
final class StateWriter: @unchecked Sendable {
  private let path: String
  private let clock: StateClock
  private let queue: DispatchQueue
  private let observer: StoreObserver

  private var directory: StateDirectory?
  private var file: StateFile?
  private var isChecked = false
  /// Where the file is that is open, or was last.
  private var place: StatePlace?
  /// The latest loss, and the latest whose gap is filled: in between the file lacks what only memory has.
  private var losses = (latest: 0, filled: 0, reason: "")
  /// A start of now could not use what is written.
  private var obstacle: String?

  /// Of two changes with the same key the later makes the earlier one needless.
  private enum BacklogKey: Hashable, Comparable {
    case account(String)
    case ports
  }

  /// The newest change of each account that is not on the disk.
  private var backlog: [BacklogKey: StateChange] = [:]
  /// What was renewed since; only the newest of each record.
  private var renewals: [UInt64: Renewal] = [:]
  private var health = StateHealth.good

  init(path: String, clock: StateClock, queue: DispatchQueue, observer: StoreObserver) {
    self.path = path
    self.clock = clock
    self.queue = queue
    self.observer = observer
  }

  /// Nothing can be written.
  var isDegraded: Bool { file == nil }

  // MARK: - Opening

  /// - Throws: only when another process has the directory or the file; every other failure is one of health.
  func open() throws(StateInUse) {
    dispatchPrecondition(condition: .onQueue(queue))
    do {
      if directory == nil { directory = try StateDirectory(path) }
    } catch {
      switch error {
      case .inUse: throw StateInUse(directory: path)
      case .unavailable(let reason): return change(to: .degraded(reason: reason))
      }
    }
    do {
      try openFile()
    } catch {
      switch error {
      case .inUse:
        directory = nil
        throw StateInUse(directory: path)
      case .unusable(let reason), .unavailable(let reason): change(to: .degraded(reason: reason))
      }
    }
  }

  private func openFile() throws(StateFile.Failure) {
    do {
      try makeFile()
    } catch {
      switch error {
      case .unusable(let reason): try setAside(because: reason, "every account registers anew with a new Call-ID")
      case .unavailable, .inUse: throw error
      }
      try makeFile()
    }
  }

  private func makeFile() throws(StateFile.Failure) {
    file = nil
    switch directory {
    case nil: throw .unavailable(reason: "the directory is not open")
    case .some(let directory): file = try StateFile(in: directory, checking: !isChecked)
    }
    isChecked = true
    let former = place
    place = StatePlace(path)
    guard let former, let file else { return }
    if file.isNew || place?.hasSameFile(as: former) != true { lost("\(StateFile.name) is a new one") }
  }

  private func lost(_ reason: String) {
    // Which loss it was is said once, by whoever noticed it first.
    guard losses.latest == losses.filled else { return }
    losses.latest += 1
    losses.reason = reason
  }

  private func setAside(because reason: String, _ consequence: String) throws(StateFile.Failure) {
    file = nil
    switch directory {
    case nil: throw .unavailable(reason: "the directory is not open")
    case .some(let directory):
      let base = "\(StateFile.name).damaged-\(timestamp())"
      let name = (2...99).map { "\(base)-\($0)" }.reduce(base) { directory.contains($0) ? $1 : $0 }
      do {
        // The log first: a new file must never meet the log of the old one.
        for suffix in ["-wal", "-shm", ""] where directory.contains(StateFile.name + suffix) {
          try directory.rename(StateFile.name + suffix, to: name + suffix)
        }
      } catch {
        throw .unavailable(reason: "\(path)/\(StateFile.name) cannot be used (\(reason)), and \(error.reason)")
      }
      directory.synchronize()
      observer.notice(
        "the state file cannot be used (\(reason)); it was set aside as \(path)/\(name) and a new one begun; "
          + consequence)
    }
  }

  /// `20260131T235959Z`
  private func timestamp() -> String {
    var seconds = time_t(clock.wall() / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y%m%dT%H%M%SZ", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: - Reading

  func load(_ each: (String, consuming RegistrationRecord) -> Void) {
    dispatchPrecondition(condition: .onQueue(queue))
    guard let file else { return loadCopy(each) }
    do {
      let senseless = try file.load(StateTimes.Reading(clock), each)
      if senseless > 0 {
        observer.notice("\(senseless) rows of \(path)/\(StateFile.name) make no sense and are left out")
      }
    } catch {
      failed(error)
    }
  }

  /// When the file cannot be opened for writing it may be readable all the same.
  private func loadCopy(_ each: (String, consuming RegistrationRecord) -> Void) {
    switch directory {
    case nil: return
    case .some(let directory):
      // At the very first start there is nothing to lose.
      guard directory.contains(StateFile.name) else { return }
      guard let copy = StateCopy.make(of: directory), copy.load(StateTimes.Reading(clock), each) else {
        return observer.notice("nothing could be read from \(path)/\(StateFile.name); accounts go on with new Call-IDs")
      }
    }
  }

  func lastPorts() -> [UInt16] {
    dispatchPrecondition(condition: .onQueue(queue))
    if let file { return (try? file.lastPorts()) ?? [] }
    return switch directory {
    case nil: []
    case .some(let directory): StateCopy.make(of: directory)?.lastPorts() ?? []
    }
  }

  // MARK: - Writing

  /// Reserves CSeq numbers for the accounts that `load` gives out. - Returns: whether they are on the disk.
  func beginSeries() -> Bool { attempt { file throws(DatabaseError) in try file.beginSeries() } != nil }

  /// nil while nothing can be written.
  func makeOrigin() -> IdentityOrigin? { attempt { file throws(DatabaseError) in try file.makeOrigin() } ?? nil }

  private func attempt<Result>(_ body: (StateFile) throws(DatabaseError) -> Result) -> Result? {
    dispatchPrecondition(condition: .onQueue(queue))
    guard let file else { return nil }
    do {
      return try body(file)
    } catch {
      failed(error)
      return nil
    }
  }

  /// Writes these and whatever waited. When that fails they wait too.
  func write(_ changes: [StateChange]) {
    dispatchPrecondition(condition: .onQueue(queue))
    if isDegraded {
      keep(changes)
    } else {
      attempt(changes)
    }
  }

  /// Another attempt after a failure.
  func retry() {
    dispatchPrecondition(condition: .onQueue(queue))
    do {
      if file == nil { try open() }
    } catch {
      change(to: .degraded(reason: error.description))
    }
    guard file != nil else { return }
    // Sorted, so that the same state makes the same file.
    let changes = backlog.keys.sorted().compactMap { backlog[$0] }
    // Records first: a renewal is of the record that was there before it.
    let renewals = renewals.isEmpty ? [] : [StateChange.renewals(renewals.values.sorted { $0.key < $1.key })]
    attempt(changes + renewals, isRecovery: true)
  }

  func releaseMemory() {
    dispatchPrecondition(condition: .onQueue(queue))
    file?.releaseMemory()
  }

  private func attempt(_ changes: [StateChange], isRecovery: Bool = false) {
    guard let file else { return keep(changes) }
    do {
      let reading = StateTimes.Reading(clock)
      if isRecovery { try file.recover(changes, reading) } else { try file.write(changes, reading) }
      backlog = [:]
      renewals = [:]
      change(to: healthOfFile)
    } catch {
      keep(changes)
      failed(error)
    }
  }

  private func keep(_ changes: [StateChange]) {
    for change in changes {
      switch change {
      case .records(let records):
        for kept in records {
          backlog[.account(kept.key.text)] = .records([kept])
          renewals[kept.record.key] = nil
        }
      case .forgotten(let name): backlog[.account(name)] = change
      case .renewals(let list): for renewal in list { renewals[renewal.key] = renewal }
      case .ports: backlog[.ports] = change
      }
    }
  }

  private func failed(_ error: DatabaseError) {
    // After a failed fsync nobody knows what the disk holds: only a connection that reads it anew does.
    file = nil
    if error.isDamage {
      do {
        try setAside(
          because: error.message,
          "accounts go into it as their records change, and have new Call-IDs when a restart comes first")
      } catch {
        return change(to: .degraded(reason: error.reason))
      }
    }
    change(to: .degraded(reason: error.message))
  }

  // MARK: - Whether it stays where it is

  /// Looks whether a later start would find what is written.
  func look() {
    dispatchPrecondition(condition: .onQueue(queue))
    guard file != nil else { return }
    switch place == nil ? .lost(reason: "\(path) was gone as soon as it was opened") : place?.trouble() {
    case nil: obstacle = nil
    case .closed(let reason): obstacle = reason
    case .lost(let reason):
      // One that was lost again is filled again.
      if losses.latest > losses.filled { losses.filled = losses.latest }
      lost(reason)
      file = nil
      if place?.isDirectoryThere != true { directory = nil }
      return change(to: .degraded(reason: reason))
    }
    change(to: healthOfFile)
  }

  /// All that memory had was given to `write` since that loss.
  func complete(_ loss: Int) {
    dispatchPrecondition(condition: .onQueue(queue))
    guard loss == losses.latest else { return }
    losses.filled = loss
    if file != nil { change(to: healthOfFile) }
  }

  /// nil: none, or nothing can be written.
  var unfilledLoss: Int? { file != nil && losses.latest > losses.filled ? losses.latest : nil }

  private var healthOfFile: StateHealth {
    if losses.latest > losses.filled { return .incomplete(loss: losses.latest, reason: losses.reason) }
    return obstacle.map { .closed(reason: $0) } ?? .good
  }

  func close() {
    dispatchPrecondition(condition: .onQueue(queue))
    if isDegraded { retry() }
    file = nil
    directory = nil
  }

  private func change(to health: StateHealth) {
    guard health != self.health else { return }
    self.health = health
    observer.healthChanged(health)
  }
}
