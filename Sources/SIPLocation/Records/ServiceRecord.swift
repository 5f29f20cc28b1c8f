/// Where a service is: the data of an SRV record (RFC 2782).
package struct ServiceRecord: Hashable, Sendable {
  /// The lower comes first.
  package var priority: UInt16
  /// How often it is chosen, beside the others of its priority.
  package var weight: UInt16
  package var port: UInt16
  /// In lower case and without the last dot; empty: the root, which means that there is no such service.
  package var host: String

  package init(priority: UInt16, weight: UInt16, port: UInt16, host: String) {
    self.priority = priority
    self.weight = weight
    self.port = port
    self.host = host
  }

  package var isDenial: Bool { host.isEmpty }
}

extension ServiceRecord: CustomStringConvertible {
  /// As in a zone file: `10 60 5060 sip1.example.com`.
  package var description: String { "\(priority) \(weight) \(port) \(isDenial ? "." : host)" }
}

extension [ServiceRecord] {
  /// Against those of weight 0 the others are as good as always chosen.
  private static var weightOfOne: UInt64 { 1_000 }

  /// The first ones in an order to try them: by priority, and by chance among those of one priority, as often as their
  /// weights say. The records are in the order of their priorities.
  ///
  /// Deviation: the running sum of RFC 2782 gives one part more to the record that happens to be first, which is much
  /// where weights are small; here each has its share, and a weight of 0 "a very small chance".
  func drawn(_ limit: Int, chance: inout some RandomNumberGenerator) -> [ServiceRecord] {
    var drawn: [ServiceRecord] = []
    var rest = self[...]
    while let priority = rest.first?.priority, drawn.count < limit {
      var peers = Array(rest.prefix { $0.priority == priority })
      rest = rest.dropFirst(peers.count)
      let allAreZero = peers.allSatisfy { $0.weight == 0 }
      let share: (ServiceRecord) -> UInt64 = { record in
        record.weight == 0 || allAreZero ? 1 : UInt64(record.weight) * Self.weightOfOne
      }
      var total = peers.reduce(0) { $0 + share($1) }
      while drawn.count < limit, !peers.isEmpty {
        var place = UInt64.random(in: 0..<total, using: &chance)
        var index = 0
        while place >= share(peers[index]) {
          place -= share(peers[index])
          index += 1
        }
        total -= share(peers[index])
        drawn.append(peers.remove(at: index))
      }
    }
    return drawn
  }
}
