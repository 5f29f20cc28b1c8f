import SIPMessage

@testable import RegistrarLab

extension Lab {
  /// What goes wrong at a place at present.
  func faults(at place: Place = .registrar) -> Faults {
    var found = Faults.none
    change(at: place) { found = $0 }
    return found
  }

  /// nil for the registrar, which has its statistics.
  func proxyCounters(of place: Place) -> OutboundProxy.Counters? {
    switch place {
    case .registrar: nil
    case .looseProxy: stations.looseProxy.withElement { $0.counters }
    case .strictProxy: stations.strictProxy.withElement { $0.counters }
    }
  }
}
