/// A value that would have put CR, LF or NUL into a header field.
package struct HeaderInjection: Error, Equatable, Sendable {
  package let name: String
}

/// Writes a message into one buffer, from the start line down. No value with CR, LF or NUL gets past it, so that no
/// configuration, reason phrase or copied header field can begin a header field of its own.
package struct MessageWriter: Sendable {
  private var bytes: [UInt8] = []

  package init(reserving capacity: Int = 1024) {
    bytes.reserveCapacity(capacity)
  }

  package mutating func request(_ method: Method, _ uri: URI) {
    bytes += method.text.utf8
    bytes.append(0x20)
    bytes += uri.text  // a URI can not hold a space or a control character
    bytes += " SIP/2.0\r\n".utf8
  }

  /// - Parameter status: 100…699
  package mutating func response(status: Int, reason: String) {
    precondition((100...699).contains(status), "no status code: \(status)")
    bytes += "SIP/2.0 \(status) ".utf8
    bytes += reason.utf8.lazy.map { $0 == 0x0D || $0 == 0x0A || $0 == 0 ? 0x20 : $0 }
    bytes += "\r\n".utf8
  }

  package mutating func field(_ name: HeaderName, _ value: Bytes) throws(HeaderInjection) {
    try field(name) { $0 += value }
  }

  package mutating func field(_ name: HeaderName, _ value: [UInt8]) throws(HeaderInjection) {
    try field(name) { $0 += value }
  }

  package mutating func field(_ name: HeaderName, text: String) throws(HeaderInjection) {
    try field(name) { $0.append(text: text) }
  }

  /// Lets `write` append the value where it will stand. A value with CR, LF or NUL in it is taken out again.
  package mutating func field(_ name: HeaderName, write: (inout [UInt8]) -> Void) throws(HeaderInjection) {
    let start = bytes.count
    begin(name)
    let value = bytes.count
    write(&bytes)
    for index in value..<bytes.count where bytes[index] <= 0x0D {
      guard bytes[index] != 0x0D, bytes[index] != 0x0A, bytes[index] != 0 else {
        bytes.removeSubrange(start...)
        throw HeaderInjection(name: name.text)
      }
    }
    bytes.append(0x0D)
    bytes.append(0x0A)
  }

  package mutating func constant(_ name: HeaderName, _ value: StaticString) {
    begin(name)
    bytes.append(value)
    bytes.append("\r\n" as StaticString)
  }

  package mutating func number(_ name: HeaderName, _ value: some BinaryInteger) {
    begin(name)
    bytes += String(value).utf8
    bytes += "\r\n".utf8
  }

  private mutating func begin(_ name: HeaderName) {
    bytes.append(text: name.text)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(UInt8(ascii: " "))
  }

  /// Ends the header section with Content-Length; the message is done.
  package mutating func finish(body: Bytes = []) -> [UInt8] {
    number(.contentLength, body.count)
    bytes += "\r\n".utf8
    bytes += body
    return bytes
  }
}
