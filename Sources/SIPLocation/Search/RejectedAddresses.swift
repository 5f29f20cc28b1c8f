import SIPMessage

/// Addresses that are not tried, and why, in words for an operator.
package struct RejectedAddresses: Sendable {
  private var nobodies: [IPAddress] = []
  private var unreachable: [IPAddress] = []
  private var own: [Endpoint] = []

  package var isEmpty: Bool { nobodies.isEmpty && unreachable.isEmpty && own.isEmpty }
  /// More than a way that may come back: somebody should mend the name.
  package var isWrong: Bool { !nobodies.isEmpty || !own.isEmpty }

  mutating func nobody(_ address: IPAddress) { nobodies.append(address) }

  mutating func noWay(_ address: IPAddress) { unreachable.append(address) }

  mutating func ourselves(_ endpoint: Endpoint) { own.append(endpoint) }

  /// - Parameter host: as it stands in the URI
  package func words(for host: Host?) -> String {
    var parts: [String] = []
    let (name, isName) =
      switch host {
      case .name(let name): (name, true)
      case .address(let address): ("\(address)", false)
      case nil: ("", false)
      }
    let list = nobodies.map(\.description).joined(separator: ", ")
    switch (nobodies.count, isName) {
    case (0, _): break
    case (_, false): parts.append("\(list) is no target")
    case (1, true): parts.append("\(name) has the address \(list), which is no target")
    case (_, true): parts.append("\(name) has the addresses \(list), which are no targets")
    }
    if !own.isEmpty {
      let places = own.map(\.description).joined(separator: ", ")
      parts.append("\(name) leads to this daemon itself (\(places))")
    }
    if !unreachable.isEmpty {
      parts.append("there is no way from here to \(unreachable.map(\.description).joined(separator: ", "))")
    }
    return parts.joined(separator: "; ")
  }
}
