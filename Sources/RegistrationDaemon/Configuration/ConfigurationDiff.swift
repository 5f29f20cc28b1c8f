import SIPUserAgent

/// What a reload changes: which accounts come, go and differ, and which settings.
package struct ConfigurationDiff: Sendable, Equatable {
  /// In the new order.
  package private(set) var added: [Account] = []
  /// As they are now, in the new order.
  package private(set) var changed: [Account] = []
  /// Names, in the old order.
  package private(set) var removed: [String] = []
  package private(set) var unchanged = 0
  /// Keys of the daemon that a reload applies.
  package let appliedSettings: [String]
  /// Keys of the daemon that differ and wait for a restart.
  package let restartSettings: [String]

  package init(from old: Configuration, to new: Configuration) {
    (appliedSettings, restartSettings) = new.daemon.differences(from: old.daemon)
    // Most reloads leave most accounts where they were: only what is not found in place is looked up by name.
    var positions: [String: Int] = [:]
    var isKept = [Bool](repeating: false, count: old.accounts.count)
    for (index, account) in new.accounts.enumerated() {
      var position: Int? = index
      if index >= old.accounts.count || old.accounts[index].name != account.name {
        if positions.isEmpty {
          positions.reserveCapacity(old.accounts.count)
          for (index, account) in old.accounts.enumerated() { positions[account.name] = index }
        }
        position = positions[account.name]
      }
      guard let position else {
        added.append(account)
        continue
      }
      isKept[position] = true
      if old.accounts[position] == account { unchanged += 1 } else { changed.append(account) }
    }
    for (index, account) in old.accounts.enumerated() where !isKept[index] { removed.append(account.name) }
  }

  package var isEmpty: Bool {
    added.isEmpty && changed.isEmpty && removed.isEmpty && appliedSettings.isEmpty && restartSettings.isEmpty
  }
}
