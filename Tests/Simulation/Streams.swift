import SIPMessage
import SIPTransaction
import SIPUserAgent

/// The connections of this host to its next hops (RFC 3261 §18): they lose nothing while they last, and take along what
/// they carried when they end.
struct Streams {
  struct Connection {
    let number: UInt32
    let target: Target
    /// Lately.
    fileprivate(set) var carried: [(client: ClientTransactionID, bytes: [UInt8])] = []
    /// It has brought a message.
    fileprivate(set) var hasWorked = false
  }

  private(set) var connections: [Connection] = []
  private var last: UInt32 = 0

  /// The one that leads there, for a request of this client.
  mutating func connection(to target: Target, for client: ClientTransactionID?, _ bytes: [UInt8]) -> UInt32 {
    let index: Int
    if let known = connections.firstIndex(where: { $0.target == target }) {
      index = known
    } else {
      last += 1
      index = connections.count
      connections.append(Connection(number: last, target: target))
    }
    if let client {
      connections[index].carried.append((client, bytes))
      if connections[index].carried.count > 64 { connections[index].carried.removeFirst() }
    }
    return connections[index].number
  }

  /// The one that leads there.
  func number(to target: Target) -> UInt32? { connections.first { $0.target == target }?.number }

  func isOpen(_ number: UInt32) -> Bool { connections.contains { $0.number == number } }

  /// A message comes over it. - Returns: false when it is over.
  mutating func bring(_ number: UInt32) -> Bool {
    guard let index = connections.firstIndex(where: { $0.number == number }) else { return false }
    connections[index].hasWorked = true
    return true
  }

  mutating func close(_ number: UInt32) -> Connection? {
    connections.firstIndex { $0.number == number }.map { connections.remove(at: $0) }
  }
}
