extension [UInt8] {
  private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }

  /// Two lower-case digits for each byte.
  mutating func append(hexadecimal bytes: some Sequence<UInt8>) {
    for byte in bytes {
      append(Self.digit(byte >> 4))
      append(Self.digit(byte & 15))
    }
  }

  /// 16 lower-case digits.
  mutating func append(hexadecimal word: UInt64) {
    for shift in stride(from: 60, through: 0, by: -4) {
      append(Self.digit(UInt8(truncatingIfNeeded: word >> UInt64(shift) & 15)))
    }
  }
}

extension UInt64 {
  /// Reads lower-case digits, as they are written here.
  init?(hexadecimal digits: ArraySlice<UInt8>) {
    self = 0
    for digit in digits {
      switch digit {
      case 0x30...0x39: self = self << 4 | UInt64(digit - 0x30)
      case 0x61...0x66: self = self << 4 | UInt64(digit - 0x57)
      default: return nil
      }
    }
  }
}
