import RegistrationControl

/// Takes the result of a call, once, on any thread.
package typealias ControlAnswer<Value> = @Sendable (Result<Value, ControlError>) -> Void

/// What the daemon offers to the control socket. Calls arrive on the event loop of the socket and must not block it;
/// the answer may come at any time.
package protocol ControlService: Sendable {
  func status(answer: @escaping ControlAnswer<DaemonStatus>)

  /// One page of accounts in the order of their names. The client's reading sets the pace: the next page is asked for
  /// when this one is on its way.
  func accounts(_ request: AccountPageRequest, answer: @escaping ControlAnswer<AccountPage>)

  func details(ofAccount name: String, answer: @escaping ControlAnswer<AccountDetails>)

  /// With a name that no account has, it is done to none.
  ///
  /// - Parameter wait: how long to wait for outcomes, in seconds; nil: not at all
  func refresh(_ selection: AccountSelection, wait: Int?, answer: @escaping ControlAnswer<RefreshReport>)

  /// The number of accounts that it was done to. With a name that no account has, it is done to none.
  func pause(_ selection: AccountSelection, answer: @escaping ControlAnswer<Int>)
  func resume(_ selection: AccountSelection, answer: @escaping ControlAnswer<Int>)

  func reload(dryRun: Bool, answer: @escaping ControlAnswer<ReloadReport>)

  /// Sends every event to the stream until it closes (`ControlEventStream.onClose`). The stream filters.
  func watch(_ stream: ControlEventStream)
}

/// Which accounts to answer with.
package struct AccountPageRequest: Sendable {
  package var filter: AccountFilter
  /// Only names that sort after this one.
  package var after: String?
  /// At most so many.
  package var limit: Int

  package init(filter: AccountFilter, after: String? = nil, limit: Int) {
    self.filter = filter
    self.after = after
    self.limit = limit
  }
}

package struct AccountPage: Sendable, Equatable {
  package var accounts: [AccountReport]
  /// Where the next page starts: its `after`. Nil: this is the last one. A page may be empty and not the last, so that
  /// a filter that matches little needs no long look.
  package var next: String?

  package init(accounts: [AccountReport], next: String? = nil) {
    self.accounts = accounts
    self.next = next
  }
}
