import SIPMessage

/// Which account of a user agent, as a number: the shell numbers its accounts from 0.
package struct AccountID: Hashable, Sendable, Comparable {
  package let index: Int32

  package init(index: Int) { self.index = Int32(index) }

  package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}
