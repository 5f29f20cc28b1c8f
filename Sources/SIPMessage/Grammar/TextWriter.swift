/// Writes text into room that was reserved for it: what a message is made of piece by piece, without a look at who else
/// holds it. Where more is written than the room takes, the text moves into a larger one: a guess that was too small
/// costs an allocation, and nothing else.
///
/// It is lent by `[UInt8].append(reserving:)`. What writes one byte is inlined into other modules.
@safe @usableFromInline package struct TextWriter: ~Copyable {
  @usableFromInline var room: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int
  /// Bytes that have been written.
  @usableFromInline package internal(set) var count = 0
  /// The room is not the one that was reserved.
  fileprivate private(set) var hasMoved = false

  fileprivate init(_ reserved: UnsafeMutableBufferPointer<UInt8>) {
    if let base = reserved.baseAddress {
      unsafe room = base
      capacity = reserved.count
    } else {
      unsafe room = .allocate(capacity: 16)
      capacity = 16
      hasMoved = true
    }
  }

  deinit {
    if hasMoved { unsafe room.deallocate() }
  }

  @inlinable @inline(__always)
  mutating func reserve(_ more: Int) {
    if more > capacity - count { grow(by: more) }
  }

  @usableFromInline @inline(never)
  mutating func grow(by more: Int) {
    let capacity = max(2 * capacity, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    unsafe larger.update(from: room, count: count)
    if hasMoved { unsafe room.deallocate() }
    unsafe room = larger
    self.capacity = capacity
    hasMoved = true
  }

  @inlinable package mutating func append(_ byte: UInt8) {
    reserve(1)
    unsafe room[count] = byte
    count += 1
  }

  /// Lends what stands behind `start`, and takes it out.
  package mutating func take(from start: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    precondition(start >= 0 && start <= count, "nothing has been written there")
    unsafe body(UnsafeRawBufferPointer(start: room + start, count: count - start))
    count = start
  }

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
    reserve(source.count)
    unsafe (room + count).update(from: base, count: source.count)
    count += source.count
  }

  /// A number as 1*DIGIT.
  package mutating func append(decimal value: UInt64) {
    var (digits, rest) = (1, value / 10)
    while rest > 0 {
      rest /= 10
      digits += 1
    }
    reserve(digits)
    (rest, count) = (value, count + digits)
    for place in 1...digits {
      unsafe room[count - place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }

  /// A number as so many LHEX (1…16), the highest first.
  package mutating func append(hexadecimal value: UInt64, digits: Int) {
    let text = Self.words(of: value << UInt64(64 - 4 * digits))
    reserve(digits)
    let place = unsafe UnsafeMutableRawPointer(room + count)
    if capacity - count >= 16 {
      // What is too much is written over.
      unsafe place.storeBytes(of: text.0, as: UInt64.self)
      unsafe place.storeBytes(of: text.1, toByteOffset: 8, as: UInt64.self)
    } else {
      unsafe withUnsafeBytes(of: text) { unsafe place.copyMemory(from: $0.baseAddress!, byteCount: digits) }
    }
    count += digits
  }

  /// A number as 16 LHEX.
  package static func hexadecimal(_ value: UInt64) -> InlineArray<16, UInt8> {
    unsafe unsafeBitCast(words(of: value), to: InlineArray<16, UInt8>.self)
  }

  /// The 16 LHEX of a number as they are in memory.
  @inline(__always)
  private static func words(of value: UInt64) -> (UInt64, UInt64) {
    (digits(of: value >> 32).bigEndian, digits(of: value & 0xFFFF_FFFF).bigEndian)
  }

  /// The eight LHEX of 32 bits, the highest in the highest byte: each half of what is left moves up in turn.
  private static func digits(of value: UInt64) -> UInt64 {
    var nibbles = (value & 0xFFFF_0000) << 16 | (value & 0xFFFF)
    nibbles = (nibbles & 0x0000_FF00_0000_FF00) << 8 | (nibbles & 0x0000_00FF_0000_00FF)
    nibbles = (nibbles & 0x00F0_00F0_00F0_00F0) << 4 | (nibbles & 0x000F_000F_000F_000F)
    let isLetter = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ isLetter &* 0x27
  }

  /// quoted-string = DQUOTE *(qdtext / quoted-pair) DQUOTE
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

extension [UInt8] {
  /// - Parameter hint: about what is written
  package init(reserving hint: Int, _ write: (inout TextWriter) -> Void) {
    self = []
    append(reserving: hint, write)
  }

  /// - Parameter hint: about what is written
  package mutating func append(reserving hint: Int, _ write: (inout TextWriter) -> Void) {
    var moved: TextWriter?
    append(addingCapacity: Swift.max(hint, 0)) { output in
      unsafe output.withUnsafeMutableBufferPointer { room, count in
        var writer = unsafe TextWriter(room)
        write(&writer)
        if writer.hasMoved { moved = consume writer } else { count = writer.count }
      }
    }
    guard var moved else { return }
    unsafe moved.take(from: 0) { unsafe append(contentsOf: $0) }
  }
}
