import SIPMessage

/// What came from others, by what it was.
package struct RequestTally: Sendable, Equatable {
  package var invites = 0
  package var options = 0
  package var notices = 0
  package var others = 0

  package init() {}

  mutating func count(_ method: Method) {
    switch method {
    case .invite: invites += 1
    case .options: options += 1
    case .notify: notices += 1
    case .ack, .bye, .cancel, .info, .message, .other, .prack, .publish, .refer, .register, .subscribe, .update:
      others += 1
    }
  }
}
