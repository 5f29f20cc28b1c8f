/// Reads a DNS message (RFC 1035 §4) from a place on, never beyond its end: nil where there is nothing to read.
struct MessageCursor {
  /// RFC 1035 §2.3.4: octets of a name, its lengths among them.
  private static let longestName = 255
  /// Each leads to an earlier place, or it is a loop; a name has fewer labels.
  private static let pointersOfAName = 127

  let message: [UInt8]
  var position: Int
  /// Where the part that is read ends.
  var end: Int

  init(_ message: [UInt8], at position: Int = 0) {
    self.message = message
    self.position = position
    end = message.count
  }

  var isAtEnd: Bool { position == end }

  mutating func octet() -> UInt8? {
    guard position < end else { return nil }
    defer { position += 1 }
    return message[position]
  }

  mutating func number16() -> UInt16? {
    guard let high = octet(), let low = octet() else { return nil }
    return UInt16(high) << 8 | UInt16(low)
  }

  mutating func number32() -> UInt32? {
    guard let high = number16(), let low = number16() else { return nil }
    return UInt32(high) << 16 | UInt32(low)
  }

  /// A TTL: with the highest bit set it is 0 (RFC 2181 §8).
  mutating func timeToLive() -> Duration? { number32().map { .seconds($0 > UInt32(Int32.max) ? 0 : Int64($0)) } }

  /// <character-string>: its length in an octet, then that.
  mutating func characterString() -> String? {
    guard let length = octet(), let octets = take(Int(length)) else { return nil }
    return String(decoding: octets, as: UTF8.self)
  }

  /// A part of its own, behind which this one goes on.
  mutating func part(_ length: Int) -> MessageCursor? {
    guard length <= end - position else { return nil }
    var part = MessageCursor(message, at: position)
    part.end = position + length
    position += length
    return part
  }

  private mutating func take(_ length: Int) -> ArraySlice<UInt8>? {
    guard length <= end - position else { return nil }
    defer { position += length }
    return message[position..<position + length]
  }

  /// <domain-name>: labels up to an empty one, or up to a pointer to where the rest of them is (RFC 1035 §4.1.4).
  ///
  /// - Returns: in lower case, without the last dot; what is no letter of a name as `\ddd`.
  mutating func name() -> String? {
    var labels: [String] = []
    var octets = 1
    var pointers = 0
    var reader = self
    while let length = reader.octet() {
      switch length >> 6 {
      case 0:
        guard length > 0 else {
          if pointers == 0 { position = reader.position }
          return labels.joined(separator: ".")
        }
        octets += Int(length) + 1
        guard octets <= Self.longestName, let label = reader.take(Int(length)) else { return nil }
        labels.append(Self.text(label))
      case 3:
        let place = reader.position - 1
        guard let low = reader.octet() else { return nil }
        if pointers == 0 { position = reader.position }
        pointers += 1
        let target = Int(length & 63) << 8 | Int(low)
        // A name refers to one before it.
        guard target < place, pointers <= Self.pointersOfAName else { return nil }
        reader = MessageCursor(message, at: target)
      default: return nil
      }
    }
    return nil
  }

  private static func text(_ label: ArraySlice<UInt8>) -> String {
    var text = ""
    for octet in label {
      switch octet {
      case 0x41...0x5A: text.unicodeScalars.append(Unicode.Scalar(octet | 0x20))
      case 0x21...0x7E where octet != UInt8(ascii: ".") && octet != UInt8(ascii: "\\"):
        text.unicodeScalars.append(Unicode.Scalar(octet))
      default:
        let digits = String(octet)
        text += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return text
  }
}
