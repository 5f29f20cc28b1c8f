import Synchronization

/// Whether this process may send at all: asked once a batch, in front of whatever hands bytes to the system. It is given
/// unless somebody takes it away, as when another machine speaks for the same accounts: two that send with one Call-ID
/// would use the same CSeq numbers.
///
/// One permit may be for several transport layers. What is refused fails as what the system does not take: those who
/// sent it hear so, and it is counted. Not here: who decides.
package final class SendingPermit: Sendable {
  private let isWithdrawn = Atomic<Bool>(false)

  package init() {}

  package var isGiven: Bool { !isWithdrawn.load(ordering: .acquiring) }

  package func give() { isWithdrawn.store(false, ordering: .releasing) }

  /// What was handed to the system before leaves yet.
  package func withdraw() { isWithdrawn.store(true, ordering: .releasing) }
}

extension TransportFailure {
  static let notPermitted = TransportFailure(.denied, detail: "this process may not send at present")
}
