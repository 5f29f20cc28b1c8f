/// The names of code points (RFC 2474, RFC 2597, RFC 3246, RFC 5865, RFC 8622) that people write for their numbers.
enum DifferentiatedServices {
  /// - Parameter name: in either case
  static func code(of name: String) -> UInt8? {
    let name = name.uppercased()
    switch name {
    case "BE", "DF": return 0
    case "LE": return 1
    case "EF": return 46
    case "VA", "VOICE-ADMIT": return 44
    default: break
    }
    let digits = name.utf8.dropFirst(2).map { $0 &- 0x30 }
    switch (name.prefix(2), digits.count) {
    case ("CS", 1) where digits[0] < 8: return digits[0] * 8
    case ("AF", 2) where (1...4).contains(digits[0]) && (1...3).contains(digits[1]):
      return digits[0] * 8 + digits[1] * 2
    default: return nil
    }
  }
}
