import Glibc
import SIPMessage
import SIPTransaction
import SIPTransport
import SIPUserAgent

/// An account and how it is, as one shard knows it.
struct AccountStatus: Sendable {
  var account: SIPUserAgent.Account
  var status: RegistrationStatus
}

/// An account on its way into a shard.
struct Arrival: Sendable {
  var id: AccountID
  var account: SIPUserAgent.Account
}

/// An account that goes on from what a former run left of it.
struct Returner: Sendable {
  var id: AccountID
  var account: SIPUserAgent.Account
  var record: RegistrationRecord
}

/// What a shard has counted.
struct ShardSummary: Sendable {
  var counts: StateTally
  /// Requests that wait for an answer.
  var underWay: Int
  var transactions: TransactionCounters
  var registrations: UserAgent.Counters
  var transport: TransportCounters
  var silentHops: [SilentHop]
}

extension SIPUserAgent.Account {
  /// What its state is kept under: a Call-ID belongs to an address of record at a registrar.
  var storeKey: String {
    var key: [UInt8] = []
    key.reserveCapacity(256)
    append(storeKeyTo: &key)
    return String(decoding: key, as: UTF8.self)
  }

  func append(storeKeyTo bytes: inout [UInt8]) {
    bytes.append(text: name)
    bytes.append(0x20)
    bytes.append(bytes: addressOfRecord.text)
    bytes.append(0x20)
    bytes.append(bytes: registrar.text)
  }

  /// The same question without making the key: it is asked a million times at a start.
  func isStored(under key: String) -> Bool {
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
