import SIPUserAgent
import ShardCore

/// Where the daemon keeps what must survive it: the `RegistrationRecord` of each account that was bound, what identities
/// are made of before that, and the local ports. In front of it nobody knows whether that is a file (`StateStore`) or
/// something else.
///
/// It is asked once per batch, from any thread. A store that cannot write stops no registration (`StateHealth`). Not here:
/// who numbers the accounts, and what a record means.
package protocol RecordStore: Sendable {
  // MARK: At the start

  /// Reserves CSeq numbers for every account that has a record, before `load`.
  ///
  /// - Returns: how many; 0 while nothing can be written.
  func beginSeries() -> UInt32

  /// Of the identities of accounts that have no record; nil while nothing can be written.
  func makeOrigin() async -> IdentityOrigin?

  /// Gives out every record once, before anything is saved. A binding that has ended, or may have, is left out of it.
  func load(_ each: (_ name: String, _ record: consuming RegistrationRecord) -> Void)

  /// Of the process before this one; empty when it left none.
  func lastPorts() -> [UInt16]

  // MARK: While it runs

  /// Stores the newest records of some accounts, and renewals of what was stored before, in this order.
  ///
  /// - Parameter completion: called once they are safe; at once while nothing can be written, because registrations go on
  ///   from memory then.
  func save(_ changes: [StateChange], completion: @escaping @Sendable () -> Void)

  /// Looks now whether a later start would find what was written.
  ///
  /// - Returns: the loss whose gap has to be filled (`StateHealth.incomplete`); nil: none, or nothing can be written.
  func lookNow() async -> Int?

  /// All that memory has was saved since this loss.
  func complete(_ loss: Int)

  /// Holds no more memory than it must, after a burst.
  func releaseMemory() async

  /// Writes what waits, and lets go. What is saved afterwards is not stored.
  func close()
}

extension RecordStore {
  package func save(_ changes: [StateChange]) { save(changes) {} }

  /// Removes accounts that left the configuration, when their un-REGISTER is over.
  package func forget(_ names: [String]) { save(names.map { .forgotten(name: $0) }) }

  package func rememberPorts(_ ports: [UInt16]) { save([.ports(ports)]) }
}

/// What a store tells while it runs, on a thread of its own.
package struct StoreObserver: Sendable {
  /// What an operator must read.
  package let notice: @Sendable (String) -> Void
  /// The health is `good` until then.
  package let healthChanged: @Sendable (StateHealth) -> Void

  package init(notice: @escaping @Sendable (String) -> Void, healthChanged: @escaping @Sendable (StateHealth) -> Void) {
    self.notice = notice
    self.healthChanged = healthChanged
  }
}
