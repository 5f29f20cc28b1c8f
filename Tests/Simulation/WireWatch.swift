import SIPMessage
import SIPTransaction
import SIPUserAgent

/// Reads along on the wire and in the store, and holds the core to what it must never do, whatever happens: two REGISTERs
/// of an account unanswered at once, a CSeq that does not rise, a second Call-ID, a number that the next process could use
/// again, a request that is repeated otherwise than it was, or after its answer.
struct WireWatch {
  private struct Open {
    var branch: [UInt8]
    var bytes: [UInt8]
    var sentAt: Instant
    var target: Target
    /// Another may follow, though this one may be repeated.
    var isFollowed = false
  }

  /// What one account has used of a Call-ID.
  private struct Course {
    var cSeq: UInt32 = 0
    var open: Open?
  }

  private struct Ledger {
    var callID: [UInt8]
    var course: Course
    /// Of accounts on their way out that were succeeded: their numbers are below those of who came then.
    var former: [(callID: [UInt8], below: UInt32, course: Course)] = []
    /// The account was taken out: another of the same name may have another Call-ID.
    var isForgotten = false
  }

  private var ledgers: [String: Ledger] = [:]
  /// The highest number of each Call-ID that there ever was.
  private var used: [[UInt8]: UInt32] = [:]
  /// The requests that may be repeated as they are.
  private var open: Set<[UInt8]> = []
  /// Those that are over when the batch has left.
  private var ending: [[UInt8]] = []
  private(set) var violations: [String] = []
  private(set) var registers = 0

  /// - Parameter ceiling: the first number of the account that is not safe
  mutating func sent(_ bytes: [UInt8], to target: Target, ceiling: (String) -> UInt32?, now: Instant) {
    guard !open.contains(bytes), let message = try? Message(parsing: bytes), message.method == .register else { return }
    if let defect = message.defect() { violations.append("sent a REGISTER with a defect: \(defect.reason)") }
    guard let via = try? message.topmostVia(), let branch = via.branch.map(Array.init), let cSeq = try? message.cSeq(),
      let account = (try? message.to())?.uri.description, let callID = message.callID.map(Array.init)
    else { return }
    if bytes.holds(SimulatedRegistrar.password) { violations.append("\(account): the password is on the wire") }
    let (key, number) = (account, cSeq.number)
    let former = ledgers[account]?.former.firstIndex { $0.callID == callID && number < $0.below }
    var ledger = former == nil ? self.ledger(of: account, callID) : ledgers[account]!
    var course = former.map { ledger.former[$0].course } ?? ledger.course
    if let open = course.open, open.branch == branch {
      violations.append("\(account): a request repeated otherwise than it was")
      return
    }
    registers += 1
    if let open = course.open, !open.isFollowed, now < open.sentAt + TimerValues.standard.timerF {
      violations.append("\(account): CSeq \(number) while \(course.cSeq) is unanswered")
    }
    if number <= course.cSeq { violations.append("\(account): CSeq \(number) after \(course.cSeq)") }
    if number >= ceiling(account) ?? 0 {
      violations.append("\(account): CSeq \(number) is not below what is stored")
    }
    if let bytes = course.open?.bytes { open.remove(bytes) }
    open.insert(bytes)
    course.cSeq = max(number, course.cSeq)
    course.open = Open(branch: branch, bytes: bytes, sentAt: now, target: target)
    used[callID] = max(used[callID] ?? 0, number)
    if let former { ledger.former[former].course = course } else { ledger.course = course }
    ledgers[key] = ledger
  }

  private mutating func ledger(of account: String, _ callID: [UInt8]) -> Ledger {
    guard let known = ledgers[account] else { return Ledger(callID: callID, course: Course(cSeq: used[callID] ?? 0)) }
    guard known.callID != callID else {
      var ledger = known
      ledger.isForgotten = false
      return ledger
    }
    if !known.isForgotten { violations.append("\(account): a second Call-ID") }
    return Ledger(callID: callID, course: Course(cSeq: used[callID] ?? 0), former: known.former)
  }

  /// A response reaches the user agent.
  mutating func answered(_ bytes: [UInt8]) {
    guard let message = try? Message(parsing: bytes), let status = message.status, status >= 200,
      let branch = (try? message.topmostVia())?.branch.map(Array.init),
      let account = (try? message.to())?.uri.description
    else { return }
    close(account) { $0.branch == branch }
  }

  /// This very request will not be answered.
  mutating func lost(_ bytes: [UInt8]) {
    guard open.contains(bytes), let account = (try? Message(parsing: bytes).to())?.uri.description else { return }
    close(account) { $0.bytes == bytes }
  }

  /// An un-REGISTER was answered, or will not be, in a batch that is about to leave: what is sent in it may follow on the
  /// request, or be its last copy. Where several accounts are under one name nobody knows whose it was.
  mutating func unregistered(_ account: String, isAnswered: Bool) {
    guard let former = ledgers[account]?.former.indices, !former.isEmpty else {
      if isAnswered { return }
      end(ledgers[account]?.course.open)
      ledgers[account]?.course.open?.isFollowed = true
      return
    }
    for index in former { ledgers[account]?.former[index].course.open?.isFollowed = true }
    ledgers[account]?.course.open?.isFollowed = true
  }

  private mutating func end(_ request: Open?) {
    if let bytes = request?.bytes { ending.append(bytes) }
  }

  /// The batch has left.
  mutating func left() {
    for bytes in ending { lost(bytes) }
    ending = []
  }

  /// Nobody is there, as the network says: another request may follow, and this one may be repeated.
  mutating func unreachable(_ target: Target) {
    for account in ledgers.keys {
      if ledgers[account]?.course.open?.target == target { ledgers[account]?.course.open?.isFollowed = true }
      for index in ledgers[account]?.former.indices ?? 0..<0
      where ledgers[account]?.former[index].course.open?.target == target {
        ledgers[account]?.former[index].course.open?.isFollowed = true
      }
    }
  }

  /// The process is gone with its transactions.
  mutating func crashed() {
    (open, ending) = ([], [])
    for account in ledgers.keys {
      ledgers[account]?.course.open = nil
      ledgers[account]?.former = []
    }
  }

  /// The account came again before it had gone: it goes on from this number under the same Call-ID.
  mutating func succeeded(_ account: String, _ callID: String, from ceiling: UInt32) {
    let callID = Array(callID.utf8)
    var ledger = ledger(of: account, callID)
    ledger.former.append((callID, ceiling, ledger.course))
    ledger.course = Course(cSeq: ceiling - 1)
    ledgers[account] = ledger
  }

  /// The account was taken out: another of the same name is another.
  mutating func forgotten(_ account: String) {
    ledgers[account]?.isForgotten = true
    if let bytes = ledgers[account]?.course.open?.bytes { open.remove(bytes) }
    ledgers[account]?.course.open = nil
  }

  private mutating func close(_ account: String, _ isMeant: (Open) -> Bool) {
    guard var ledger = ledgers[account] else { return }
    if let request = ledger.course.open, isMeant(request) {
      open.remove(request.bytes)
      ledger.course.open = nil
    }
    for index in ledger.former.indices {
      guard let request = ledger.former[index].course.open, isMeant(request) else { continue }
      open.remove(request.bytes)
      ledger.former[index].course.open = nil
    }
    ledgers[account] = ledger
  }

  mutating func complain(_ text: String) { violations.append(text) }
}

extension [UInt8] {
  /// Whether this stands in it somewhere. The library's own search asks for types at every byte, which here was two
  /// thirds of the time that a world takes.
  fileprivate func holds(_ text: [UInt8]) -> Bool {
    guard let first = text.first else { return true }
    return indices.dropLast(text.count - 1).contains { start in
      self[start] == first && self[start..<start + text.count].elementsEqual(text)
    }
  }
}
