extension UInt64 {
  /// Reads lower-case digits, as they are written here.
  init?(hexadecimal digits: Span<UInt8>) {
    self = 0
    for index in 0..<digits.count {
      let digit = digits[index]
      switch digit {
      case 0x30...0x39: self = self << 4 | UInt64(digit - 0x30)
      case 0x61...0x66: self = self << 4 | UInt64(digit - 0x57)
      default: return nil
      }
    }
  }
}
