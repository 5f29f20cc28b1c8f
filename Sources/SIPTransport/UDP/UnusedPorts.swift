import NIOCore

/// Ports of profiles that nobody names any more, and since when: what is under way from one has its time to end.
struct UnusedPorts<Port: Hashable & Sendable>: Sendable {
  private var since: [Port: NIODeadline] = [:]

  init() {}

  var isEmpty: Bool { since.isEmpty }

  /// Other profiles have come. A port that was unused before stays so since then, and one that is named again is not.
  mutating func note(_ unused: Set<Port>, now: NIODeadline) {
    since = since.filter { unused.contains($0.key) }
    for port in unused where since[port] == nil { since[port] = now }
  }

  /// Takes out those that were unused all this time.
  mutating func take(unusedFor delay: TimeAmount, now: NIODeadline) -> [Port] {
    let due = since.filter { $0.value + delay <= now }.map(\.key)
    for port in due { since[port] = nil }
    return due
  }
}
