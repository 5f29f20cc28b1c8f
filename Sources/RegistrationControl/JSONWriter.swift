/// Writes JSON as `VarlinkMessage.json` does, in one line and with the members sorted, for what there is much of: a list
/// of a million accounts takes a general encoder twenty seconds. Whoever writes an object names its members in order;
/// that the bytes are those of the encoder is tested type by type.
package struct JSONWriter: Sendable {
  package private(set) var bytes: [UInt8] = []
  /// Nothing stands before the next element yet.
  private var isFirst = true

  package init() {}

  mutating func object(_ members: (inout Self) -> Void) { enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), members) }

  mutating func array(_ elements: some Sequence<some JSONWritable>) {
    enclose(UInt8(ascii: "["), UInt8(ascii: "]")) { json in
      for element in elements {
        json.separate()
        element.write(to: &json)
      }
    }
  }

  /// One value a line.
  package mutating func lines(_ values: some Sequence<some JSONWritable>) {
    for value in values {
      value.write(to: &self)
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  private mutating func enclose(_ opening: UInt8, _ closing: UInt8, _ elements: (inout Self) -> Void) {
    bytes.append(opening)
    isFirst = true
    elements(&self)
    bytes.append(closing)
    isFirst = false
  }

  private mutating func separate() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  // MARK: Members

  mutating func member(_ name: StaticString, _ value: some JSONWritable) {
    self.name(name)
    value.write(to: &self)
  }

  /// What is nil is left out.
  mutating func member(_ name: StaticString, _ value: (some JSONWritable)?) {
    if let value { member(name, value) }
  }

  mutating func member(_ name: StaticString, _ elements: [some JSONWritable]) {
    self.name(name)
    array(elements)
  }

  private mutating func name(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  // MARK: Values

  /// JSON that is written already.
  mutating func append(_ json: [UInt8]) { bytes += json }

  fileprivate mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      if utf8.contains(where: Self.isEscaped) {
        for byte in utf8 { escape(byte) }
      } else {
        bytes.append(contentsOf: utf8)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// RFC 8259 §7
  private static func isEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private mutating func escape(_ byte: UInt8) {
    guard Self.isEscaped(byte) else { return bytes.append(byte) }
    bytes.append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: bytes.append(UInt8(ascii: "b"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    case 0x0A: bytes.append(UInt8(ascii: "n"))
    case 0x0C: bytes.append(UInt8(ascii: "f"))
    case 0x0D: bytes.append(UInt8(ascii: "r"))
    case 0..<0x20:
      let digits = Array("0123456789abcdef".utf8)
      bytes += [
        UInt8(ascii: "u"), UInt8(ascii: "0"), UInt8(ascii: "0"), digits[Int(byte >> 4)], digits[Int(byte & 15)],
      ]
    default: bytes.append(byte)
    }
  }

  fileprivate mutating func integer(_ value: Int) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    let start = bytes.count
    var rest = value.magnitude
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }

  fileprivate mutating func bool(_ value: Bool) { bytes.append(contentsOf: value ? "true".utf8 : "false".utf8) }

  /// Thousandths, without zeros at the end.
  fileprivate mutating func thousandths(_ value: Int64) {
    let (whole, fraction) = value.magnitude.quotientAndRemainder(dividingBy: 1000)
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    integer(Int(whole))
    guard fraction > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    var (rest, unit) = (fraction, UInt64(100))
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest / unit))
      (rest, unit) = (rest % unit, unit / 10)
    }
  }
}

/// What can be written as JSON without a general encoder.
package protocol JSONWritable: Encodable {
  func write(to json: inout JSONWriter)
}

extension String: JSONWritable {
  package func write(to json: inout JSONWriter) { json.string(self) }
}

extension Int: JSONWritable {
  package func write(to json: inout JSONWriter) { json.integer(self) }
}

extension Bool: JSONWritable {
  package func write(to json: inout JSONWriter) { json.bool(self) }
}

extension Timestamp: JSONWritable {
  package func write(to json: inout JSONWriter) { json.thousandths(milliseconds) }
}

extension JSONWritable where Self: RawRepresentable<String> {
  package func write(to json: inout JSONWriter) { json.string(rawValue) }
}
