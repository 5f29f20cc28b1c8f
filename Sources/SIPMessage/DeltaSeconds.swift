/// delta-seconds = 1*DIGIT, in seconds: what does not fit is the largest that does (RFC 3261 §20.19 lets a receiver
/// treat overlarge values so).
package struct DeltaSeconds: Hashable, Sendable, Comparable {
  package var value: UInt32

  package init(_ value: UInt32) { self.value = value }

  /// - Returns: nil if this is not a number.
  package init?(_ digits: Bytes) { self.init(digits.span) }

  init?(_ digits: Span<UInt8>) {
    guard !digits.isEmpty else { return nil }
    var value: UInt64 = 0
    for index in 0..<digits.count {
      guard digits[index].isDigit else { return nil }
      value = min(value * 10 + UInt64(digits[index] - UInt8(ascii: "0")), UInt64(UInt32.max))
    }
    self.value = UInt32(value)
  }

  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// Retry-After = delta-seconds [ comment ] *( SEMI retry-param ) (RFC 3261 §20.33)
package struct RetryAfter: Hashable, Sendable {
  package var seconds: DeltaSeconds

  package init?(parsing value: Bytes) {
    guard let seconds = DeltaSeconds(value.prefix(while: \.isDigit)) else { return nil }
    let rest = value.dropFirst(value.prefix(while: \.isDigit).count).trimmed
    guard rest.isEmpty || rest.first == UInt8(ascii: "(") || rest.first == UInt8(ascii: ";") else { return nil }
    self.seconds = seconds
  }
}
