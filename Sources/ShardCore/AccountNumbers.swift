import SIPUserAgent

/// Numbers for accounts; one whose account is gone is used again.
struct AccountNumbers: Sendable {
  private var free: [Int] = []
  /// None from here on was ever given out.
  private(set) var end = 0

  var inUse: Int { end - free.count }

  mutating func take(_ count: Int) -> [AccountID] {
    (0..<count).map { _ in
      if let number = free.popLast() { return AccountID(index: number) }
      defer { end += 1 }
      return AccountID(index: end)
    }
  }

  mutating func giveBack(_ id: AccountID) { free.append(Int(id.index)) }
}
