import Glibc
import SIPMessage
import SIPUserAgent

extension Account {
  /// Whether its key is this one, which is found out without making it: it is asked a million times at a start.
  package func isStored(under key: String) -> Bool {
    var (key, name) = (key, name)
    return key.withUTF8 { key in
      var rest = UnsafeRawBufferPointer(key)
      guard rest.count == name.utf8.count + addressOfRecord.text.count + registrar.text.count + 2 else {
        return false
      }
      return name.withUTF8 { rest.drop(UnsafeRawBufferPointer($0)) }
        && rest.drop(" " as Unicode.Scalar) && addressOfRecord.text.withUnsafeBytes { rest.drop($0) }
        && rest.drop(" " as Unicode.Scalar) && registrar.text.withUnsafeBytes { rest.drop($0) }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Whether it begins with these, and then without them.
  fileprivate mutating func drop(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return true }
    guard let own = baseAddress, bytes.count <= count, memcmp(own, start, bytes.count) == 0 else { return false }
    self = UnsafeRawBufferPointer(rebasing: self[bytes.count...])
    return true
  }

  fileprivate mutating func drop(_ byte: Unicode.Scalar) -> Bool {
    guard first == UInt8(ascii: byte) else { return false }
    self = UnsafeRawBufferPointer(rebasing: dropFirst())
    return true
  }
}
