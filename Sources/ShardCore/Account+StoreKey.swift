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

  package func append(storeKeyTo bytes: inout [UInt8]) {
    bytes.append(text: name)
    bytes.append(0x20)
    bytes.append(bytes: addressOfRecord.text)
    bytes.append(0x20)
    bytes.append(bytes: registrar.text)
  }
}
