import SIPTransaction

/// Which users of transactions a user agent has.
extension TransactionUser {
  enum Owner: Equatable { case registration(slot: Int32) }

  private enum Tag: UInt8 { case registration = 1 }

  static func registration(_ slot: Int32) -> Self { Self(tag: Tag.registration.rawValue, number: slot) }

  var owner: Owner {
    switch Tag(rawValue: tag) {
    case .registration: .registration(slot: number)
    case nil: preconditionFailure("a transaction of nobody: \(tag)")
    }
  }
}
