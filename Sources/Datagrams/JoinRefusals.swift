/// Where datagrams leave one by one for a while, since joined ones did not. Why is not asked: a path that is too narrow
/// or a device that is unable may be gone after a while, as a missing route is.
struct JoinRefusals {
  /// Datagrams to an address until joining is tried again: more than one call sends.
  static let patience = 1_024
  /// Addresses that are kept; beyond that all are tried again.
  private static let limit = 64

  private var left: [DatagramAddress: Int] = [:]

  mutating func insert(_ address: DatagramAddress) {
    if left.count >= Self.limit { left = [:] }
    left[address] = Self.patience
  }

  /// Whether the next datagram there goes alone; counted.
  mutating func takesAlone(_ address: DatagramAddress) -> Bool {
    guard !left.isEmpty, let count = left[address] else { return false }
    left[address] = count > 1 ? count - 1 : nil
    return true
  }
}
