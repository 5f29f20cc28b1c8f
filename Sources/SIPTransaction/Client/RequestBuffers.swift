/// Arrays of requests that have been answered, for those to come: freed one by one between what stays, they would leave
/// holes in the heap that nothing fits into, a third of it after a million registrations.
struct RequestBuffers: Sendable {
  /// As many as wait for an answer in a burst.
  private static let limit = 256
  /// A usual request with credentials: what is counted for it, not what it takes.
  private static let capacity = 1280

  private var free: [[UInt8]] = []

  mutating func take() -> [UInt8] {
    if let buffer = free.popLast() { return buffer }
    var buffer: [UInt8] = []
    buffer.reserveCapacity(Self.capacity)
    return buffer
  }

  mutating func keep(_ buffer: consuming [UInt8]) {
    guard free.count < Self.limit, (Self.capacity...(4 * Self.capacity)).contains(buffer.capacity) else { return }
    buffer.removeAll(keepingCapacity: true)
    free.append(buffer)
  }
}
