/// Arrays of requests that have been answered, for those to come: freed one by one between what stays, they would leave
/// holes in the heap that nothing fits into, a third of it after a million registrations.
struct Rooms: Sendable {
  /// As many as wait for an answer in a burst.
  private static let limit = 256
  /// A usual request with credentials: what is counted for it, not what it takes.
  private static let capacity = 1280

  private var free: [[UInt8]] = []

  mutating func take() -> [UInt8] {
    if let room = free.popLast() { return room }
    var room: [UInt8] = []
    room.reserveCapacity(Self.capacity)
    return room
  }

  mutating func keep(_ room: consuming [UInt8]) {
    guard free.count < Self.limit, (Self.capacity...(4 * Self.capacity)).contains(room.capacity) else { return }
    room.removeAll(keepingCapacity: true)
    free.append(room)
  }
}
