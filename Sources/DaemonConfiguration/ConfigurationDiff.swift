import SIPUserAgent

/// What a reload changes: which accounts come, go and differ, and which settings.
package struct ConfigurationDiff: Sendable, Equatable {
  /// In the new order.
  package private(set) var added: [Account] = []
  /// As they are now, in the new order: the same address of record at the same registrar.
  package private(set) var changed: [Account] = []
  /// As they are now, in the new order: another address of record or registrar under a name that was there.
  package private(set) var replaced: [Account] = []
  /// In the old order.
  package private(set) var removed: [Account] = []
  package private(set) var unchanged = 0
  /// Keys of the daemon that a reload applies.
  package let appliedSettings: [String]
  /// Keys of the daemon that differ and wait for a restart.
  package let restartSettings: [String]

  package init(from old: Configuration, to new: Configuration) {
    (appliedSettings, restartSettings) = new.daemon.differences(from: old.daemon)
    var former = FormerAccounts(old.accounts)
    var isKept = [Bool](repeating: false, count: former.count)
    for (index, account) in new.accounts.enumerated() {
      guard let position = former.position(of: account.name, near: index) else {
        added.append(account)
        continue
      }
      isKept[position] = true
      if former[position] == account {
        unchanged += 1
      } else if account.continues(former[position]) {
        changed.append(account)
      } else {
        replaced.append(account)
      }
    }
    for (index, account) in old.accounts.enumerated() where !isKept[index] { removed.append(account) }
  }

  package var isEmpty: Bool {
    added.isEmpty && changed.isEmpty && replaced.isEmpty && removed.isEmpty && appliedSettings.isEmpty
      && restartSettings.isEmpty
  }
}
