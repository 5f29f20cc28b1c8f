/// A value that would have put CR, LF or NUL into a header field.
package struct HeaderInjection: Error, Equatable, Sendable {
  package let name: String

  package init(name: String) { self.name = name }
}

/// Writes a message into one buffer, from the start line down. No value with CR, LF or NUL gets past it, so that no
/// configuration, reason phrase or copied header field can begin a header field of its own.
package struct MessageWriter: Sendable {
  private var bytes: [UInt8] = []

  package init(reserving capacity: Int = 1024) {
    bytes.reserveCapacity(capacity)
  }

  /// What has been written.
  package var fields: [UInt8] { bytes }

  // A URI can not hold a space or a control character.
  package mutating func request(_ method: Method, _ uri: URI) { request(method, uri.text) }

  /// - Parameter uri: of a request that has been read
  mutating func request(_ method: Method, _ uri: Bytes) {
    bytes.append(text: method.text)
    bytes.append(0x20)
    bytes += uri
    bytes.append(" SIP/2.0\r\n" as StaticString)
  }

  /// - Parameter status: 100…699
  package mutating func response(status: Int, reason: String) {
    precondition((100...699).contains(status), "no status code: \(status)")
    bytes.append("SIP/2.0 " as StaticString)
    bytes.append(decimal: UInt64(status))
    bytes.append(0x20)
    let start = bytes.count
    bytes.append(text: reason)
    if !bytes.span.isOneLine(in: start..<bytes.count) {
      for index in start..<bytes.count where [0x0D, 0x0A, 0].contains(bytes[index]) { bytes[index] = 0x20 }
    }
    bytes.append("\r\n" as StaticString)
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

  /// A header field of another message, under the name that it has there.
  package mutating func copy(_ field: HeaderField, of message: Message) throws(HeaderInjection) {
    guard let name = field.name else {
      let start = bytes.count
      bytes += message.name(of: field)
      return try finishField(from: start, name: message.name(of: field).text) { $0 += message.value(of: field) }
    }
    try self.field(name, message.value(of: field))
  }

  /// Lets `write` append the value where it will stand. A value with CR, LF or NUL in it is taken out again.
  package mutating func field(_ name: HeaderName, write: (inout [UInt8]) -> Void) throws(HeaderInjection) {
    let start = bytes.count
    bytes.append(name.text)
    try finishField(from: start, name: name.text.description, write: write)
  }

  private mutating func finishField(
    from start: Int, name: @autoclosure () -> String, write: (inout [UInt8]) -> Void
  ) throws(HeaderInjection) {
    bytes.append(": " as StaticString)
    let value = bytes.count
    write(&bytes)
    guard bytes.span.isOneLine(in: value..<bytes.count) else {
      bytes.removeSubrange(start...)
      throw HeaderInjection(name: name())
    }
    bytes.append(0x0D)
    bytes.append(0x0A)
  }

  package mutating func constant(_ name: HeaderName, _ value: StaticString) {
    bytes.append(name.text)
    bytes.append(": " as StaticString)
    bytes.append(value)
    bytes.append("\r\n" as StaticString)
  }

  package mutating func number(_ name: HeaderName, _ value: some UnsignedInteger) {
    bytes.append(name.text)
    bytes.append(": " as StaticString)
    bytes.append(decimal: UInt64(value))
    bytes.append("\r\n" as StaticString)
  }

  /// Ends the header section with Content-Length; the message is done.
  package consuming func finish(body: Bytes = []) -> [UInt8] {
    number(.contentLength, body.count.magnitude)
    bytes.append("\r\n" as StaticString)
    bytes += body
    return bytes
  }
}
