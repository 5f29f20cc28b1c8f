/// Writes answers of a name server, right or wrong (RFC 1035 §4).
struct DNSMessage {
  static let question = 12

  var bytes: [UInt8]

  /// The header and the question.
  init(_ name: String, type: UInt16, flags: UInt16 = 0x8180, answers: Int = 0, authorities: Int = 0) {
    bytes = []
    for number in [0x1234, flags, 1, UInt16(answers), UInt16(authorities), 0] { append(number) }
    bytes += Self.name(name)
    append(type)
    append(1)
  }

  static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
  }

  static func pointer(_ place: Int) -> [UInt8] { [0xC0 | UInt8(place >> 8), UInt8(place & 0xFF)] }

  static func number(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

  static func service(_ priority: UInt16, _ weight: UInt16, _ port: UInt16, _ host: [UInt8]) -> [UInt8] {
    number(priority) + number(weight) + number(port) + host
  }

  static func pointers(
    _ order: UInt16, _ preference: UInt16, _ texts: [String], _ replacement: [UInt8]
  ) -> [UInt8] {
    number(order) + number(preference) + texts.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + replacement
  }

  mutating func append(_ value: UInt16) { bytes += Self.number(value) }

  mutating func record(
    _ owner: [UInt8] = DNSMessage.pointer(DNSMessage.question), type: UInt16, in recordClass: UInt16 = 1,
    ttl: UInt32 = 300, _ data: [UInt8]
  ) {
    bytes += owner
    append(type)
    append(recordClass)
    append(UInt16(ttl >> 16))
    append(UInt16(ttl & 0xFFFF))
    append(UInt16(data.count))
    bytes += data
  }
}
