import NIOConcurrencyHelpers
import RegistrationRecords
import SIPTransaction
import SIPUserAgent
import ShardCore

/// A store of records that are safe as soon as they are saved, for one process after the other of a test.
final class MemoryStore: RecordStore {
  private struct State {
    var records: [String: RegistrationRecord] = [:]
    var ports: [UInt16] = []
    var series: UInt32 = 0
    var observer: StoreObserver?
    var isOpen = false
  }

  private let state = NIOLockedValueBox(State())

  /// As a supervisor opens it.
  func open(_ observer: StoreObserver) -> MemoryStore {
    state.withLockedValue { ($0.observer, $0.isOpen) = (observer, true) }
    return self
  }

  var records: [String: RegistrationRecord] { state.withLockedValue { $0.records } }
  var isOpen: Bool { state.withLockedValue { $0.isOpen } }

  func tell(_ health: StateHealth) { state.withLockedValue { $0.observer }?.healthChanged(health) }

  func beginSeries() -> UInt32 { IdentityOrigin.reserve }

  func makeOrigin() async -> IdentityOrigin? {
    state.withLockedValue { state in
      state.series += 1
      return IdentityOrigin(seed: [7], firstCSeq: state.series * IdentityOrigin.reserve + 1)
    }
  }

  func load(_ each: (String, consuming RegistrationRecord) -> Void) {
    for (name, record) in records.sorted(by: { $0.key < $1.key }) { each(name, record) }
  }

  func lastPorts() -> [UInt16] { state.withLockedValue { $0.ports } }

  func save(_ changes: [StateChange], completion: @escaping @Sendable () -> Void) {
    state.withLockedValue { state in
      guard state.isOpen else { return }
      for change in changes {
        switch change {
        case .records(let kept): for one in kept { state.records[one.key.text] = one.record }
        case .forgotten(let name): state.records[name] = nil
        case .renewals(let renewals):
          for renewal in renewals {
            for name in state.records.keys where state.records[name]?.key == renewal.key {
              state.records[name]?.renew(renewal)
            }
          }
        case .ports(let ports): state.ports = ports
        }
      }
    }
    completion()
  }

  func lookNow() async -> Int? { nil }
  func complete(_ loss: Int) {}
  func releaseMemory() async {}
  func close() { state.withLockedValue { $0.isOpen = false } }
}
