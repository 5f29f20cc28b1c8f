import SIPMessage

/// Sent again at once, otherwise: with what the registrar wants, once for each kind within an attempt, and remembered.
extension UserAgent {
  mutating func adjust(
    _ slot: Int32, _ adjustment: ResponseClass.Adjustment, _ response: Message, _ failure: Failure, now: Instant,
    effects: inout [Effect]
  ) {
    let step =
      switch adjustment {
      case .interval: adjustInterval(slot, response)
      case .extensions: adjustExtensions(slot, response)
      }
    guard let step else { return fail(slot, failure, now: now, effects: &effects) }
    effects.append(.report(id(slot), .step(step)))
    registrants[Int(slot)]?.authenticator.beginAttempt()
    sendRegister(slot, now: now, effects: &effects)
  }

  /// Only upwards, and within reason.
  private mutating func adjustInterval(_ slot: Int32, _ response: Message) -> Step? {
    guard let registrant = self[slot], let attempt = registrant.attempt, !attempt.hasAdjustedInterval,
      let minimum = response.minExpires?.value, minimum > registrant.asked,
      Int64(minimum) <= registrant.account.policy.maximumExpires.wholeSeconds
    else { return nil }
    registrants[Int(slot)]?.minimumExpires = minimum
    registrants[Int(slot)]?.updateAttempt { $0.hasAdjustedInterval = true }
    return .longerInterval(minimum)
  }

  /// Path is the only extension there is to leave out or to offer again.
  private mutating func adjustExtensions(_ slot: Int32, _ response: Message) -> Step? {
    guard let registrant = self[slot], registrant.attempt?.hasAdjustedExtensions == false else { return nil }
    let isWanted = response.optionTags(.require).contains { $0.equalsIgnoringCase("path") }
    let isUnwanted = response.optionTags(.unsupported).contains { $0.equalsIgnoringCase("path") }
    guard registrant.offersPath ? isUnwanted : isWanted else { return nil }
    registrants[Int(slot)]?.offersPath.toggle()
    registrants[Int(slot)]?.updateAttempt { $0.hasAdjustedExtensions = true }
    return .extensions(status: response.status ?? 420, offersPath: !registrant.offersPath)
  }
}
