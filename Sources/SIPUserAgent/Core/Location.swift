import SIPMessage
import SIPTransaction

/// Which lookup an answer belongs to.
package struct LookupID: Hashable, Sendable {
  package let account: AccountID
  package let serial: UInt32

  package init(account: AccountID, serial: UInt32) {
    self.account = account
    self.serial = serial
  }
}

/// What RFC 3263 made of a URI.
package enum Location: Sendable, Equatable {
  /// In the order to try them; one at least.
  case ways([Way])
  case failed(String)
}
