/// The answer to a Binding request of STUN (RFC 8489 §3.3), read as far as a keep-alive has use for it (RFC 5626 §8):
/// whose it is, and from where the peer sees us. No credentials, no FINGERPRINT: who answers has to know 96 bits of
/// chance, and the answer is good for nothing but what it says of our own address.
///
///     0                   1                   2                   3
///     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     |0 0|     message type          |         message length        |
///     |                         magic cookie                          |
///     |                 transaction ID (96 bits)                      |
///     |        attribute type         |        attribute length       |  each padded to four bytes
package struct BindingAnswer: Equatable, Sendable {
  static let magicCookie: UInt32 = 0x2112_A442
  static let requestType: UInt16 = 0x0001
  private static let successType: UInt16 = 0x0101
  private static let errorType: UInt16 = 0x0111
  private static let headerLength = 20
  /// MAPPED-ADDRESS, which old servers send alone, and XOR-MAPPED-ADDRESS with its number of a draft.
  private static let plainAddress: UInt16 = 0x0001
  private static let obscuredAddresses: [UInt16] = [0x0020, 0x8020]
  private static let familyV4: UInt8 = 1
  private static let familyV6: UInt8 = 2

  package let transaction: BindingTransaction
  /// Where the request came from in the peer's eyes; nil: it does not say, be it that it refuses.
  package let mapped: Endpoint?

  package init(transaction: BindingTransaction, mapped: Endpoint?) {
    self.transaction = transaction
    self.mapped = mapped
  }

  /// Whether a datagram is of STUN, whatever it says: no SIP message begins so (RFC 5626 §8).
  package static func isSTUN(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, first < 0x40, bytes.count >= headerLength else { return false }
    return bytes.span.number(at: 4, of: UInt32.self) == magicCookie
  }

  /// - Returns: nil for what is no answer to a Binding request, or not as long as it says.
  package init?(parsing bytes: [UInt8]) {
    guard Self.isSTUN(bytes), bytes.count.isMultiple(of: 4) else { return nil }
    let text = bytes.span
    let type = text.number(at: 0, of: UInt16.self)
    guard type == Self.successType || type == Self.errorType,
      Int(text.number(at: 2, of: UInt16.self)) == bytes.count - Self.headerLength
    else { return nil }
    let transaction = BindingTransaction(
      upper: text.number(at: 8, of: UInt32.self), lower: text.number(at: 12, of: UInt64.self))
    self.transaction = transaction
    mapped = type == Self.successType ? Self.mapped(text, transaction) : nil
  }

  /// The address that is written in the way that no NAT helper changes, or else the plain one (RFC 8489 §14.1, §14.2).
  private static func mapped(_ text: Span<UInt8>, _ transaction: BindingTransaction) -> Endpoint? {
    var plain: Endpoint?
    var index = headerLength
    while index + 4 <= text.count {
      let type = text.number(at: index, of: UInt16.self)
      let length = Int(text.number(at: index + 2, of: UInt16.self))
      let value = (index + 4)..<(index + 4 + length)
      guard value.upperBound <= text.count else { break }
      if obscuredAddresses.contains(type) {
        if let endpoint = endpoint(text.extracting(value), obscuredFor: transaction) { return endpoint }
      } else if type == plainAddress, plain == nil {
        plain = endpoint(text.extracting(value), obscuredFor: nil)
      }
      index = value.upperBound + (4 - length % 4) % 4
    }
    return plain
  }

  /// - Returns: nil for what nobody can be at.
  private static func endpoint(_ value: Span<UInt8>, obscuredFor transaction: BindingTransaction?) -> Endpoint? {
    guard value.count >= 8 else { return nil }
    let cookie = transaction == nil ? 0 : magicCookie
    let port = value.number(at: 2, of: UInt16.self) ^ UInt16(cookie >> 16)
    let address: IPAddress
    switch (value[1], value.count) {
    case (familyV4, 8): address = .v4(value.number(at: 4, of: UInt32.self) ^ cookie)
    case (familyV6, 20):
      let mask = UInt64(cookie) << 32 | UInt64(transaction?.upper ?? 0)
      address = .v6(
        value.number(at: 4, of: UInt64.self) ^ mask, value.number(at: 12, of: UInt64.self) ^ (transaction?.lower ?? 0))
    case _: return nil
    }
    return port > 0 && address.isOneHost ? Endpoint(address: address.unmapped, port: port) : nil
  }
}

extension Span<UInt8> {
  /// The number in network byte order whose first byte is there, and all others.
  fileprivate func number<Number: FixedWidthInteger>(at index: Int, of type: Number.Type) -> Number {
    var number: Number = 0
    for byte in index..<(index + Number.bitWidth / 8) { number = number << 8 | Number(self[byte]) }
    return number
  }
}
