import SIPMessage
import SIPTransaction
import SIPUserAgent

/// Reads along on the wire and in the store, and holds the user agent to what it must never do, whatever happens:
/// two REGISTERs of an account unanswered at once, a CSeq that does not rise, a second Call-ID, a number above the
/// stored ceiling, a request that is repeated otherwise than it was, or after its answer.
struct WireWatch {
  private struct Open {
    var branch: [UInt8]
    var bytes: [UInt8]
    var sentAt: Instant
  }

  private struct Ledger {
    var callID: [UInt8]
    var cSeq: UInt32
    var open: Open?
  }

  private var ledgers: [String: Ledger] = [:]
  /// The requests that may be repeated as they are.
  private var open: Set<[UInt8]> = []
  private(set) var violations: [String] = []
  private(set) var registers = 0

  /// - Parameter ceiling: of the account, as it would be found after a crash
  mutating func sent(_ bytes: [UInt8], ceiling: (String) -> UInt32?, now: Instant) {
    guard !open.contains(bytes), let message = try? Message(parsing: bytes), message.method == .register else { return }
    if let defect = message.defect() { violations.append("sent a REGISTER with a defect: \(defect.reason)") }
    guard let via = try? message.topmostVia(), let branch = via.branch.map(Array.init), let cSeq = try? message.cSeq(),
      let account = (try? message.to())?.uri.description, let callID = message.callID.map(Array.init)
    else { return }
    if bytes.holds(SimulatedRegistrar.password) { violations.append("\(account): the password is on the wire") }
    var ledger = ledgers[account] ?? Ledger(callID: callID, cSeq: 0)
    if ledger.callID != callID { violations.append("\(account): a second Call-ID") }
    if let open = ledger.open, open.branch == branch {
      violations.append("\(account): a request repeated otherwise than it was")
      return
    }
    registers += 1
    if let open = ledger.open, now < open.sentAt + TimerValues.standard.timerF {
      violations.append("\(account): CSeq \(cSeq.number) while \(ledger.cSeq) is unanswered")
    }
    if cSeq.number <= ledger.cSeq {
      violations.append("\(account): CSeq \(cSeq.number) after \(ledger.cSeq)")
    }
    if cSeq.number >= ceiling(account) ?? 0 {
      violations.append("\(account): CSeq \(cSeq.number) is not below what is stored")
    }
    ledger.cSeq = max(cSeq.number, ledger.cSeq)
    close(account)
    open.insert(bytes)
    ledger.open = Open(branch: branch, bytes: bytes, sentAt: now)
    ledgers[account] = ledger
  }

  /// A response reaches the user agent.
  mutating func answered(_ bytes: [UInt8]) {
    guard let message = try? Message(parsing: bytes), let status = message.status, status >= 200,
      let branch = (try? message.topmostVia())?.branch.map(Array.init),
      let account = (try? message.to())?.uri.description, ledgers[account]?.open?.branch == branch
    else { return }
    close(account)
  }

  /// The request of this account will not be answered: it could not be sent, or was given up in the open.
  mutating func gaveUp(_ account: String) { close(account) }

  /// The process is gone with its transactions.
  mutating func crashed() {
    open = []
    for account in ledgers.keys { ledgers[account]?.open = nil }
  }

  /// The account was taken out: another of the same name is another.
  mutating func forgotten(_ account: String) {
    close(account)
    ledgers[account] = nil
  }

  private mutating func close(_ account: String) {
    if let bytes = ledgers[account]?.open?.bytes { open.remove(bytes) }
    ledgers[account]?.open = nil
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
