import Glibc

/// What the system said when it did not do as it was asked: an errno.
package struct DatagramError: Error, Hashable, Sendable {
  package let code: CInt

  package init(code: CInt) { self.code = code }

  static func current() -> DatagramError { DatagramError(code: errno) }
}
