/// What a final response to a REGISTER means for the attempt it belongs to.
package enum ResponseClass: Sendable, Equatable {
  case success
  /// 401, 407: answered, and sent again.
  case challenge
  /// Sent again at once, otherwise.
  case adjust(Adjustment)
  /// 300, 301, 302, 305 (§8.1.3.4).
  case redirect
  /// This target can not, another may (§21.5.4; RFC 3263 §4.3).
  case targetFailure
  /// It may heal: the attempt is over, the back-off begins.
  case temporary
  /// It will be said again: the account rests.
  case refused

  package enum Adjustment: Sendable, Equatable {
    /// 423: the interval the registrar wants (RFC 3261 §10.2.8).
    case interval
    /// 420 names extensions to leave out (§8.1.3.5), 421 such to offer (§21.4.15); 439: the first hop knows no outbound
    /// (RFC 5626 §11.6).
    case extensions
  }

  /// - Parameter status: 200…699
  package init(status: Int) {
    switch status {
    case 200...299: self = .success
    case 401, 407: self = .challenge
    case 423: self = .adjust(.interval)
    case 420, 421, 439: self = .adjust(.extensions)
    case 300...302, 305: self = .redirect
    case 503: self = .targetFailure
    case 403, 404, 600...699: self = .refused
    case _: self = .temporary
    }
  }

  /// Whether this status says that the request is at fault, which §21.4 says not to repeat unchanged. Registrars say it in
  /// passing troubles, too: it is repeated, later.
  static func isObjection(_ status: Int) -> Bool {
    switch status {
    case 400, 402, 405, 406, 410, 413...416, 481...485, 488, 493, 501, 505, 513: true
    case _: false
    }
  }

  /// Whether this status says that whoever answers for the registrar can not, to anybody (RFC 3261 §21.4.9, §21.5), and not
  /// only what it says of this account.
  static func speaksOfPath(_ status: Int) -> Bool { status == 408 || (500...599).contains(status) }
}
