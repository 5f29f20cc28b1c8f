import SIPMessage
import SIPUserAgent

extension Account {
  /// What its state is kept under: a Call-ID belongs to an address of record at a registrar.
  package var storeKey: String {
    var key: [UInt8] = []
    key.reserveCapacity(256)
    append(storeKeyTo: &key)
    return String(decoding: key, as: UTF8.self)
  }

  /// Whether its key is this one.
  ///
  /// - Parameter room: memory to make the key in, the same for many
  package func isStored(under key: String, _ room: inout [UInt8]) -> Bool {
    room.removeAll(keepingCapacity: true)
    append(storeKeyTo: &room)
    return room.span.equals(key.utf8.span)
  }

  package func append(storeKeyTo bytes: inout [UInt8]) {
    bytes.append(text: name)
    bytes.append(0x20)
    bytes.append(bytes: addressOfRecord.text)
    bytes.append(0x20)
    bytes.append(bytes: registrar.text)
  }
}
