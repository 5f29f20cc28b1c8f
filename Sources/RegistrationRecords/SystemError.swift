import Glibc

/// What the system said when it did not do as it was asked.
struct SystemError: Error {
  /// "No such file or directory"
  let reason: String

  init(code: Int32) { reason = String(cString: strerror(code)) }

  static func current() -> SystemError { SystemError(code: errno) }
}
