/// Writing text into room that is there already: what a message is made of piece by piece, without a look at who else
/// holds it and whether it has to grow. Whoever lends the room counts what may be written; one byte more is a trap.
extension OutputSpan<UInt8> {
  package mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe append(copying: $0) }
  }

  package mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(copying: $0) }
  }

  package mutating func append(bytes: [UInt8]) { append(bytes.span) }

  package mutating func append(bytes: Bytes) { append(bytes.span) }

  package mutating func append(text: String) {
    var text = text
    text.withUTF8 { unsafe append(copying: $0) }
  }

  @inline(__always)
  private mutating func append(copying source: UnsafeBufferPointer<UInt8>) {
    guard let base = source.baseAddress else { return }
    precondition(source.count <= freeCapacity, "more is written than was counted")
    unsafe withUnsafeMutableBufferPointer { room, count in
      unsafe (room.baseAddress! + count).update(from: base, count: source.count)
      count += source.count
    }
  }

  /// A number as 1*DIGIT: 20 at most.
  package mutating func append(decimal value: UInt64) {
    var power: UInt64 = 1
    while value / power >= 10 { power *= 10 }
    while power > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / power % 10))
      power /= 10
    }
  }

  /// A number as so many LHEX (1…16), the highest first.
  package mutating func append(hexadecimal value: UInt64, digits: Int) {
    let first = value << UInt64(64 - 4 * digits)
    let text = (Self.digits(of: first >> 32).bigEndian, Self.digits(of: first & 0xFFFF_FFFF).bigEndian)
    let isRoomForAll = freeCapacity >= 16
    precondition(digits <= freeCapacity, "more is written than was counted")
    unsafe withUnsafeMutableBufferPointer { room, count in
      let place = unsafe UnsafeMutableRawPointer(room.baseAddress! + count)
      if isRoomForAll {
        // What is too much is written over.
        unsafe place.storeBytes(of: text.0, as: UInt64.self)
        unsafe place.storeBytes(of: text.1, toByteOffset: 8, as: UInt64.self)
      } else {
        unsafe withUnsafeBytes(of: text) { unsafe place.copyMemory(from: $0.baseAddress!, byteCount: digits) }
      }
      count += digits
    }
  }

  /// The eight LHEX of 32 bits, the highest in the highest byte: each half of what is left moves up in turn.
  private static func digits(of value: UInt64) -> UInt64 {
    var nibbles = (value & 0xFFFF_0000) << 16 | (value & 0xFFFF)
    nibbles = (nibbles & 0x0000_FF00_0000_FF00) << 8 | (nibbles & 0x0000_00FF_0000_00FF)
    nibbles = (nibbles & 0x00F0_00F0_00F0_00F0) << 4 | (nibbles & 0x000F_000F_000F_000F)
    let isLetter = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27
  }

  /// quoted-string = DQUOTE *(qdtext / quoted-pair) DQUOTE: two bytes and twice those of the value at most.
  package mutating func append(quoted value: Span<UInt8>) {
    append(UInt8(ascii: "\""))
    append(escaped: value)
    append(UInt8(ascii: "\""))
  }

  /// What stands in a quoted-string.
  package mutating func append(escaped value: Span<UInt8>) {
    guard !value.hasNothingToQuote else { return append(value) }
    for index in 0..<value.count {
      let byte = value[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
      append(byte)
    }
  }
}
