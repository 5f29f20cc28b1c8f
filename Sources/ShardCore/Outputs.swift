import SIPMessage
import SIPTransaction
import SIPUserAgent

/// What a batch comes to, by who it is for: one send, one store, one report. The shell carries it out in the order of
/// these lists and empties it for the next batch.
///
/// The process may die between any two of them, and between any two elements of one: nothing that was sent relies on what
/// comes after it.
package struct Outputs: Sendable {
  /// Reports that weigh less are read by nobody, and not made; the shell knows before a batch begins.
  package var leastRead = Report.Weight.routine

  /// What the shell has to look up before the rest is carried out: the answer is `Input.located`, now or later.
  package var lookups: [Lookup] = []
  package var hopReports: [HopHappening] = []
  package var arrivals: [RequestHappening] = []
  package var sends: [Sending] = []
  /// What keeps flows open.
  package var keepAlives: [KeepAliveSending] = []
  /// Connections to close before anything else is sent to their targets.
  package var closings: [DeadConnection] = []
  /// Two of `sends` may be of one Call-ID: they leave in this order.
  package var keepsOrder = false
  /// One write; when it is done `Input.stored` says what was in it of the two lists behind it.
  package var changes: [StateChange] = []
  package var reservations: [Reservation] = []
  /// What the state of accounts was kept under that are gone.
  package var forgotten: [String] = []
  package var happenings: [Happening] = []
  /// Accounts that were let go.
  package var released: [Release] = []
  /// Starts go on when others have had their turn: `Input.turn`.
  package var wantsTurn = false
  /// When the core has to be woken; nil: as was said before.
  package var wakeAt: Instant?

  package init() {}

  /// The lists are empty, and keep their room if the next batch may need as much.
  package mutating func removeAll() {
    guard sends.capacity <= ShardCore.Limits.usualBatch else {
      self = Outputs()
      return
    }
    if !sends.isEmpty { sends.removeAll(keepingCapacity: true) }
    if !lookups.isEmpty { lookups = [] }
    if !keepAlives.isEmpty { keepAlives = [] }
    if !closings.isEmpty { closings = [] }
    if !hopReports.isEmpty { hopReports = [] }
    if !arrivals.isEmpty { arrivals = [] }
    if !changes.isEmpty { changes = [] }
    if !reservations.isEmpty { reservations = [] }
    if !happenings.isEmpty { happenings = [] }
    if !forgotten.isEmpty { forgotten = [] }
    if !released.isEmpty { released = [] }
    (keepsOrder, wantsTurn, wakeAt) = (false, false, nil)
  }
}

/// A message to send.
package struct Sending: Sendable {
  package var bytes: [UInt8]
  package var destination: Destination
  /// What to report a failure to send under.
  package var client: ClientTransactionID?
}

/// What is sent to keep the flow to a target open.
package struct KeepAliveSending: Sendable {
  package var probe: KeepAliveProbe
  package var target: Target
}

/// A connection that is of no use any more, and why.
package struct DeadConnection: Sendable {
  package var flow: Flow
  package var reason: String
}

/// An account that was let go, and what another process needs to go on.
package struct Release: Sendable {
  package var id: AccountID
  package var record: RegistrationRecord
}

/// A next hop whose addresses are wanted, and for which question.
package struct Lookup: Sendable {
  package var hop: HopURI
  package var question: LookupID
}

/// A report with what a reader needs beside it.
package struct Happening: Sendable {
  package var at: Instant
  package var account: Account
  package var state: StateName
  package var callID: String
  /// When the binding ends, if there is one.
  package var boundUntil: Instant?
  package var outlook: Outlook
  package var report: Report

  package init(
    at: Instant, account: Account, state: StateName, callID: String, boundUntil: Instant? = nil,
    outlook: Outlook = .rest, report: Report
  ) {
    self.at = at
    self.account = account
    self.state = state
    self.callID = callID
    self.boundUntil = boundUntil
    self.outlook = outlook
    self.report = report
  }

  init(at: Instant, account: Account, _ status: RegistrationStatus, _ report: Report) {
    self.init(
      at: at, account: account, state: status.state, callID: status.callID, boundUntil: status.binding?.expiresAt,
      outlook: status.outlook, report: report)
  }
}

/// What happened to a next hop.
package struct HopHappening: Sendable {
  package var uri: URI
  package var report: HopReport
}

/// A request of somebody else's, and whose it is, and how that account is, where that is known.
package struct RequestHappening: Sendable {
  package var at: Instant
  package var request: ArrivedRequest
  package var account: (account: Account, state: StateName)?
}

extension Report {
  /// How much a report matters to a reader. Most of the time somebody reads what is notable, and nobody the rest.
  package enum Weight: Int, Sendable, Comparable {
    /// A refresh, and what belongs to each.
    case routine
    /// What is expected of an account once: that it is bound, or is not any more.
    case progress
    case notable

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }

  package var weight: Weight {
    switch self {
    case .refreshed, .step(.challenged): .routine
    case .registered, .step, .unregistered: .progress
    case .noticed, .discarded, .lapsed, .failed, .paused, .resumed, .unregisterFailed: .notable
    }
  }
}
