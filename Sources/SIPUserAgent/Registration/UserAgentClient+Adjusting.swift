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
    guard let step else {
      // Another flow than the first is of no use to a registrar that knows of none (RFC 5626 §4.2.1).
      if response.status == 439, registrant.account.outbound?.isFirst == false {
        return refuse(&registrant, .refused(status: 439), failure)
      }
      return fail(&registrant, failure)
    }
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

  /// Leaves out what is not supported, or offers again what is required. Where a hop knows no outbound (RFC 5626 §11.6) a
  /// first flow is registered as any Contact, and no other is.
  fileprivate mutating func adjustExtensions(_ response: Message) -> Step? {
    guard registration.ofAttempt({ $0.hasAdjustedExtensions }) == false else { return nil }
    let (wanted, unwanted) = (response.optionTags(.require), response.optionTags(.unsupported))
    var offer = offered
    for (option, tags) in Extensions.all {
      func isAmong(_ list: [Bytes]) -> Bool {
        list.contains { word in tags.contains { word.equalsIgnoringCase($0) } }
      }
      if offer.contains(option) {
        if isAmong(unwanted) { offer.remove(option) }
      } else if isAmong(wanted), option == .path || account.outbound != nil {
        offer.insert(option)
      }
    }
    let status = response.status ?? 420
    if status == 439 {
      guard account.outbound?.isFirst == true else { return nil }
      offer.remove(.outbound)
    }
    guard offer != offered else { return nil }
    offered = offer
    updateAttempt { $0.hasAdjustedExtensions = true }
    return .extensions(status: status, offered: offer)
  }
}
