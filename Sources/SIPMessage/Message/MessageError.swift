/// Why bytes are no message at all: nothing can be answered, only counted.
package enum MessageError: Error, Equatable, Sendable {
  case empty
  case tooLarge
  case badStartLine
  /// A status code that is not 100…699 (RFC 4475 §3.1.2.19).
  case badStatusCode
}

/// The answer to give to a request with which something is wrong.
package struct MessageDefect: Error, Equatable, Sendable {
  package var status: Int
  package var reason: String
  /// What the answer has to say besides (§8.2.2.3, §8.2.3).
  package var fields: [DefectField]

  package struct DefectField: Equatable, Sendable {
    package var name: HeaderName
    package var value: [UInt8]
  }

  package init(_ status: Int, _ reason: String, fields: [DefectField] = []) {
    self.status = status
    self.reason = reason
    self.fields = fields
  }

  static func badRequest(_ reason: String) -> MessageDefect { MessageDefect(400, reason) }
}
