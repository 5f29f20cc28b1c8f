/// A hash of bytes, the same in every process, eight at a time: multiplied, and both halves of the product joined.
///
/// For telling apart what nobody makes alike on purpose.
struct TextHash: Sendable {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ text: Span<UInt8>) {
    let bytes = text.bytes
    var index = 0
    while index + 8 <= text.count {
      mix(bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    // What is left is less than eight bytes; the length keeps one text from going on in the next.
    var rest = UInt64(truncatingIfNeeded: text.count) << 56
    while index < text.count {
      rest ^= UInt64(text[index]) << (UInt64(index & 7) * 8)
      index += 1
    }
    mix(rest)
  }

  private mutating func mix(_ word: UInt64) {
    let product = (state ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    state = product.high ^ product.low &+ 0xBF58_476D_1CE4_E5B9
  }

  var value: UInt64 {
    let mixed = (state ^ state >> 32) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 29
  }
}
