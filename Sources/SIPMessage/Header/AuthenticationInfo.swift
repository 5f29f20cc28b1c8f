/// Authentication-Info = ainfo *(COMMA ainfo) (RFC 3261 §20.6, RFC 7616 §3.5)
package struct AuthenticationInfo: Sendable, Equatable {
  /// The nonce for the next request.
  package let nextNonce: [UInt8]?
  package let responseAuth: [UInt8]?

  package init(parsing value: Bytes) throws(SyntaxError) {
    let parameters = try AuthParameters(parsing: value, hasScheme: false)
    let next = parameters["nextnonce"]
    guard (next?.count ?? 0) <= Challenge.maximumNonceLength else { throw SyntaxError("nextnonce") }
    nextNonce = next.flatMap { $0.isEmpty ? nil : $0 }
    responseAuth = parameters["rspauth"]
  }
}
