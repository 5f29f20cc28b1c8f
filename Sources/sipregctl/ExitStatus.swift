import ArgumentParser
import RegistrationControl

/// The exit statuses of `sipregctl --help`, for scripts and monitoring. Wrong usage is ArgumentParser's 64.
enum ExitStatus: Int32 {
  case done = 0
  case notBound = 1
  case notRunning = 3
  case notPermitted = 4
  case refused = 5

  init(_ error: ControlError) {
    self =
      switch error {
      case .noSuchAccount: .notBound
      case .notPermitted: .notPermitted
      case .reloadFailed, .unavailable, .interfaceNotFound, .methodNotFound, .invalidParameter, .expectedMore, .other:
        .refused
      }
  }

  /// Says why on standard error and gives the exit status to throw.
  static func failure(_ status: ExitStatus, _ why: String) -> ExitCode {
    for line in why.split(separator: "\n") { Output.error("sipregctl: \(PlainText.neutralised(String(line)))\n") }
    return ExitCode(status.rawValue)
  }

  /// Ends with status 1 when an account that was shown is not bound and is meant to be.
  static func require(allBound: Bool) throws {
    if !allBound { throw ExitCode(notBound.rawValue) }
  }
}
