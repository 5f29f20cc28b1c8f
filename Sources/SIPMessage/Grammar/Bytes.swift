/// A piece of a message, shared with it, not copied. Wire text stays bytes until somebody has to read it.
package typealias Bytes = ArraySlice<UInt8>

/// What was being read when the bytes stopped making sense, and where in its value (0-based).
package struct SyntaxError: Error, Equatable, Sendable {
  package let element: String
  package let offset: Int

  package init(_ element: String, at offset: Int = 0) {
    self.element = element
    self.offset = offset
  }
}

extension ArraySlice<UInt8> {
  package init(_ text: String) { self = Array(text.utf8)[...] }

  /// The bytes as text; what is not UTF-8 becomes U+FFFD.
  package var text: String { String(decoding: self, as: UTF8.self) }

  /// Compares with ASCII text, letters in either case.
  package func equalsIgnoringCase(_ other: some Collection<UInt8>) -> Bool {
    count == other.count && zip(self, other).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
  }

  package func equalsIgnoringCase(_ other: Bytes) -> Bool { span.equalsIgnoringCase(other.span) }

  package func equalsIgnoringCase(_ other: StaticString) -> Bool { span.equalsIgnoringCase(other) }

  package func equals(_ other: StaticString) -> Bool { span.equals(other) }

  /// The value of 1*DIGIT, or nil if this is something else or does not fit.
  package func decimal<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value? { span.decimal() }

  /// Without LWS on either side. LWS = [*WSP CRLF] 1*WSP: in a header value every CR and LF is part of a fold.
  package var trimmed: Bytes { part(span.trimmed(0..<count)) }
}

extension UInt8 {
  package var lowercasedASCII: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}

extension [UInt8] {
  package mutating func append(text: String) {
    var text = text
    text.withUTF8 { unsafe append(contentsOf: $0) }
  }

  package mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe append(contentsOf: $0) }
  }

  /// Without holding on to what the bytes belong to.
  package mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  /// Appends bytes that are lent, where `append(contentsOf:)` takes a reference over.
  package mutating func append(bytes: [UInt8]) { append(bytes.span) }

  /// Appends a part of a message that is lent, where `append(contentsOf:)` takes a reference over.
  package mutating func append(bytes: Bytes) { append(bytes.span) }

  /// A number as 1*DIGIT.
  package mutating func append(decimal value: UInt64) {
    let start = count
    var rest = value
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    var (left, right) = (start, count - 1)
    while left < right {
      swapAt(left, right)
      (left, right) = (left + 1, right - 1)
    }
  }

  /// A number as so many LHEX (1…16), the highest first.
  package mutating func append(hexadecimal value: UInt64, digits: Int) {
    append(reserving: digits) { $0.append(hexadecimal: value, digits: digits) }
  }
}
