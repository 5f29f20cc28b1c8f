import SIPMessage
import SIPTransaction

/// The index of the location service (RFC 3261 §10.3 step 5): scheme and parameters removed, escapes undone, the host in
/// lower case.
package struct AddressOfRecord: Hashable, Sendable {
  private let bytes: [UInt8]

  /// - Returns: nil for what is neither sip nor sips.
  package init?(_ uri: URI) {
    guard let host = uri.host else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(uri.text.count)
    if let user = uri.user {
      bytes += user.contains(UInt8(ascii: "%")) ? URI.unescaping(user)[...] : user
      bytes.append(UInt8(ascii: "@"))
    }
    switch host {
    case .name(let name): bytes += name.utf8
    case .address: bytes += host.description.utf8
    }
    if let port = uri.port { bytes += ":\(port)".utf8 }
    self.bytes = bytes
  }
}

extension AddressOfRecord: CustomStringConvertible {
  package var description: String { "sip:" + String(decoding: bytes, as: UTF8.self) }
}

/// One contact of an address-of-record (RFC 3261 §10.3 step 7).
struct Binding: Sendable {
  var contact: URI
  /// What the contact header field had besides, without expires and with its first semicolon.
  var parameters: [UInt8]
  /// RFC 3327 §5.3, one value each.
  var path: [[UInt8]]
  var callID: [UInt8]
  var cSeq: UInt32
  var expires: Instant

  func isFor(_ uri: URI) -> Bool { contact == uri || contact.isEquivalent(to: uri) }

  func contactValue(at now: Instant) -> [UInt8] {
    var value: [UInt8] = []
    value.reserveCapacity(contact.text.count + parameters.count + 24)
    value.append("<")
    value += contact.text
    value.append(">")
    value += parameters
    value.append(";expires=")
    value += String(max(0, (expires - now).roundedSeconds)).utf8
    return value
  }
}

/// What is known about an address-of-record: its bindings, and what was last seen of it, which outlives them.
struct Record: Sendable {
  var bindings: [Binding] = []
  var lastCallID: [UInt8] = []
  var lastCSeq: UInt32 = 0
  /// The hash of the last request that was accepted; its answer is given again.
  var lastRequest: UInt64?

  /// Takes away what has expired; says how many bindings that were.
  mutating func expire(at now: Instant) -> UInt64 {
    guard bindings.contains(where: { $0.expires <= now }) else { return 0 }
    let count = bindings.count
    bindings.removeAll { $0.expires <= now }
    return UInt64(count - bindings.count)
  }
}

/// A binding as the lab shows it.
package struct BindingDescription: Sendable, Equatable {
  package var addressOfRecord: String
  package var contact: String
  package var path: [String]
  package var callID: String
  package var cSeq: UInt32
  package var expiresIn: Duration
}

extension Duration {
  /// Half a second and more counts as one, so that an answer at once says what was granted.
  var roundedSeconds: Int64 { (self + .milliseconds(500)).wholeSeconds }
}
