/// What a reload did, or with `dry_run` would do: the reply of method `Reload`.
package struct ReloadReport: ReplyParameters, Equatable {
  package var added: [String]
  package var changed: [String]
  package var removed: [String]
  package var unchanged: Int
  /// Keys of the configuration that have changed and that only a restart applies.
  package var restartNeeded: [String]

  package init(
    added: [String] = [], changed: [String] = [], removed: [String] = [], unchanged: Int = 0,
    restartNeeded: [String] = []
  ) {
    self.added = added
    self.changed = changed
    self.removed = removed
    self.unchanged = unchanged
    self.restartNeeded = restartNeeded
  }

  enum CodingKeys: String, CodingKey {
    case added, changed, removed, unchanged
    case restartNeeded = "restart_needed"
  }
}
