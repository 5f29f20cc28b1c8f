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

  /// What a registrar grants, in seconds, read so that it is never taken for longer than it was meant: a number that does
  /// not fit is none, and a decimal fraction is not longer than its whole seconds. Quotes do not matter.
  ///
  /// - Parameter fallback: what counts where nothing is said
  /// - Returns: nil if this is not a number.
  package static func granted(_ text: Bytes, or fallback: UInt32) -> UInt32? {
    let digits = text.unquoted[...].firstSeparated
    let whole = digits.prefix(while: \.isDigit)
    let fraction = digits.dropFirst(whole.count)
    guard let value: UInt32 = whole.span.decimal() else { return nil }
    if fraction.isEmpty { return value }
    let isFraction = fraction.first == UInt8(ascii: ".") && fraction.dropFirst().allSatisfy(\.isDigit)
    return isFraction && value > 0 ? min(value, fallback) : nil
  }

  /// As which a malformed value counts (RFC 3261 §20.10, §20.19), in seconds.
  package static let malformed: UInt32 = 3600

  /// What a registrar grants where `granted` can not read it: the digits at its beginning, but for no longer than
  /// anything malformed, nor than the fallback.
  package static func salvaged(_ text: Bytes, or fallback: UInt32) -> UInt32 {
    let longest = min(fallback, malformed)
    let value = text.unquoted[...].firstSeparated.drop { $0 == UInt8(ascii: "'") || $0 == UInt8(ascii: "\"") }
    let digits = value.prefix(while: \.isDigit)
    guard let seconds: UInt32 = digits.span.decimal() else { return longest }
    // Of less than a second, or of a number of another base, there is no more than the first digit here.
    let next = value.dropFirst(digits.count).first
    let isWhole = next.map { $0 != UInt8(ascii: ".") && !$0.isAlphanumeric } ?? true
    return seconds > 0 || isWhole ? min(seconds, longest) : longest
  }

  package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// Retry-After = delta-seconds [ comment ] *( SEMI retry-param ) (RFC 3261 §20.33)
package struct RetryAfter: Hashable, Sendable {
  package var seconds: DeltaSeconds

  /// Deviation: whatever white space parts from the number does not count, nor does a decimal fraction.
  package init?(parsing value: Bytes) {
    guard let seconds = DeltaSeconds(value.prefix(while: \.isDigit)) else { return nil }
    let rest = value.dropFirst(value.prefix(while: \.isDigit).count)
    switch rest.first {
    case nil, UInt8(ascii: "("), UInt8(ascii: ";"), UInt8(ascii: "."): break
    case let byte?: guard byte.isWhiteSpace else { return nil }
    }
    self.seconds = seconds
  }
}
