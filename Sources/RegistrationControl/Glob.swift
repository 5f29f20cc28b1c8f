/// A pattern over a name: `*` stands for any characters, `?` for one; letters match in either case. There are no classes
/// and no escapes.
///
/// It goes back to the last star and never to one before it: at most as many steps as text times the longest piece
/// between two stars. Text that is ASCII, which is most, is looked at where it stands.
package struct Glob: Sendable {
  /// In lower case, a run of stars as one.
  private let scalars: [UInt32]
  /// As bytes; nil when there is more than ASCII in it.
  private let bytes: [UInt8]?

  package init(_ pattern: String) {
    var scalars: [UInt32] = []
    for scalar in pattern.lowercased().unicodeScalars
    where !(scalar == "*" && scalars.last == UInt32(UInt8(ascii: "*"))) {
      scalars.append(scalar.value)
    }
    self.scalars = scalars
    bytes = scalars.allSatisfy { $0 < 0x80 } ? scalars.map { UInt8($0) } : nil
  }

  package func matches(_ text: String) -> Bool {
    if let bytes {
      var text = text
      let isMatch = text.withUTF8 { text -> Bool? in
        guard text.allSatisfy({ $0 < 0x80 }) else { return nil }
        return bytes.withUnsafeBufferPointer { Self.matches($0, text) { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 } }
      }
      if let isMatch { return isMatch }
    }
    let text = text.lowercased().unicodeScalars.map(\.value)
    return scalars.withUnsafeBufferPointer { pattern in
      text.withUnsafeBufferPointer { Self.matches(pattern, $0) { $0 } }
    }
  }

  @inline(__always)
  private static func matches<Unit: FixedWidthInteger>(
    _ pattern: UnsafeBufferPointer<Unit>, _ text: UnsafeBufferPointer<Unit>, _ lowercased: (Unit) -> Unit
  ) -> Bool {
    let (any, one) = (Unit(UInt8(ascii: "*")), Unit(UInt8(ascii: "?")))
    var position = 0
    var token = 0
    var star: (token: Int, position: Int)?
    while position < text.count {
      if token < pattern.count, pattern[token] == any {
        star = (token, position)
        token += 1
      } else if token < pattern.count, pattern[token] == one || pattern[token] == lowercased(text[position]) {
        token += 1
        position += 1
      } else if let last = star {
        star = (last.token, last.position + 1)
        token = last.token + 1
        position = last.position + 1
      } else {
        return false
      }
    }
    return token == pattern.count || (token == pattern.count - 1 && pattern[token] == any)
  }
}
