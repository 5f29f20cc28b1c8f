import SIPMessage

/// Sent again at once, otherwise: with what the registrar wants, once for each kind within an attempt, and remembered.
extension UserAgentClient {
  mutating func adjust(
    _ registrant: inout Registrant, _ adjustment: ResponseClass.Adjustment, _ response: Message, _ failure: Failure
  ) {
    let step =
      switch adjustment {
      case .interval: registrant.adjustInterval(response)
      case .extensions: registrant.adjustExtensions(response)
      }
    guard let step else { return fail(&registrant, failure) }
    turn.report(registrant.id, .step(step))
    registrant.authenticator.beginAttempt()
    sendRegister(&registrant)
  }
}

extension Registrant {
  /// Only upwards, and within reason.
  fileprivate mutating func adjustInterval(_ response: Message) -> Step? {
    guard registration.ofAttempt({ $0.hasAdjustedInterval }) == false, let minimum = response.minExpires?.value,
      minimum > asked, Int64(minimum) <= account.policy.maximumExpires.wholeSeconds
    else { return nil }
    minimumExpires = minimum
    updateAttempt { $0.hasAdjustedInterval = true }
    return .longerInterval(minimum)
  }

  /// Path is the only extension there is to leave out or to offer again.
  fileprivate mutating func adjustExtensions(_ response: Message) -> Step? {
    guard registration.ofAttempt({ $0.hasAdjustedExtensions }) == false else { return nil }
    let isWanted = response.optionTags(.require).contains { $0.equalsIgnoringCase("path") }
    let isUnwanted = response.optionTags(.unsupported).contains { $0.equalsIgnoringCase("path") }
    guard offersPath ? isUnwanted : isWanted else { return nil }
    offersPath.toggle()
    updateAttempt { $0.hasAdjustedExtensions = true }
    return .extensions(status: response.status ?? 420, offersPath: offersPath)
  }
}
