import SIPMessage

/// The index of the location service (RFC 3261 §10.3 step 5): scheme and parameters removed, escapes undone, the host in
/// lower case. One is made and then read into for every request.
struct AddressOfRecord: Sendable {
  private(set) var bytes: [UInt8] = []
  private var userEnd = 0

  /// What stands before the @ sign; empty without one.
  var user: Bytes { bytes[..<userEnd] }

  /// Whether it is sip or sips.
  mutating func read(_ uri: Bytes, _ layout: URI.Layout) -> Bool {
    bytes.removeAll(keepingCapacity: true)
    userEnd = 0
    guard let host = layout.host else { return false }
    if let range = layout.user {
      let user = uri.part(range)
      if user.contains(UInt8(ascii: "%")) { bytes += URI.unescaping(user) } else { bytes.append(bytes: user) }
      userEnd = bytes.count
      bytes.append(UInt8(ascii: "@"))
    }
    append(host: uri.part(host))
    if let port = layout.port {
      bytes.append(UInt8(ascii: ":"))
      bytes.append(decimal: UInt64(port))
    }
    return true
  }

  private mutating func append(host text: Bytes) {
    // An address has one of many forms, and a name begins with a letter nearly always.
    if text.first?.isAlpha == false, case .address(let address) = Host(text) {
      bytes.append(hostOf: address)
    } else {
      for byte in text { bytes.append(byte.lowercasedASCII) }
    }
  }
}
