/// Comparing, eight bytes at a time.
extension Span<UInt8> {
  package func equals(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return same(other) { $0 == $1 }
  }

  package func equals(_ other: StaticString) -> Bool { unsafe equals(other.utf8.span) }

  /// Compares with ASCII text, letters in either case.
  package func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    return same(other) { $0 == $1 || $0.lowercasedASCII == $1.lowercasedASCII }
  }

  package func equalsIgnoringCase(_ other: StaticString) -> Bool { unsafe equalsIgnoringCase(other.utf8.span) }

  /// Whether this very text stands there.
  func contains(_ other: Span<UInt8>, at index: Int) -> Bool {
    index <= count - other.count && extracting(index..<(index + other.count)).equals(other)
  }

  func contains(_ other: StaticString, at index: Int) -> Bool { unsafe contains(other.utf8.span, at: index) }

  /// Whether two texts of the same length agree word by word.
  @inline(__always)
  private func same(_ other: Span<UInt8>, _ agree: (UInt64, UInt64) -> Bool) -> Bool {
    let (left, right) = unsafe (bytes, other.bytes)
    let count = count
    precondition(count == other.count)
    guard count >= 8 else { return agree(left.fewBytes, right.fewBytes) }
    // The last word may overlap the one before it.
    var index = 0
    while index < count - 8 {
      guard unsafe agree(left.word(at: index), right.word(at: index)) else { return false }
      index += 8
    }
    return unsafe agree(left.word(at: count - 8), right.word(at: count - 8))
  }
}

extension StaticString {
  fileprivate var utf8: UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
  }
}

extension RawSpan {
  /// - Parameter index: 0…byteCount − 8; not checked
  @unsafe @inline(__always)
  fileprivate func word(at index: Int) -> UInt64 {
    unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
  }

  /// Fewer than eight bytes, as a number that is another for other bytes of the same count.
  @inline(__always)
  fileprivate var fewBytes: UInt64 {
    if byteCount >= 4 {
      return unsafe UInt64(unsafeLoadUnaligned(fromByteOffset: 0, as: UInt32.self)) << 32
        | UInt64(unsafeLoadUnaligned(fromByteOffset: byteCount - 4, as: UInt32.self))
    }
    if byteCount >= 2 {
      return unsafe UInt64(unsafeLoadUnaligned(fromByteOffset: 0, as: UInt16.self)) << 16
        | UInt64(unsafeLoadUnaligned(fromByteOffset: byteCount - 2, as: UInt16.self))
    }
    return byteCount == 1 ? unsafe UInt64(unsafeLoad(fromByteOffset: 0, as: UInt8.self)) : 0
  }
}

extension UInt64 {
  /// As eight ASCII characters: each capital made a small letter.
  fileprivate var lowercasedASCII: UInt64 {
    let low = self & 0x7F7F_7F7F_7F7F_7F7F
    // In the highest bit of each byte: whether it is at least "A", and whether it is beyond "Z".
    let fromA = low &+ 0x3F3F_3F3F_3F3F_3F3F
    let beyondZ = low &+ 0x2525_2525_2525_2525
    let capitals = fromA & ~beyondZ & ~self & 0x8080_8080_8080_8080
    return self | capitals >> 2
  }
}
