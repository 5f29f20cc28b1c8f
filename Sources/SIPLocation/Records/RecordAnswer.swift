import SIPMessage

/// What a name server's answer says of the records that were asked for: the walk over the message (RFC 1035 §4), without
/// trust in anything but its length.
///
/// Aliases are followed as far as the message has them. What has another name, type or class is passed over, and so is
/// data that is shorter or longer than its type has; a message whose records do not end where they should is none.
/// Addresses are c-ares's business, which sorts them and reads the hosts file.
package struct RecordAnswer: Sendable, Equatable {
  /// The types that are read here, with their numbers (RFC 2782, RFC 3403).
  package enum RecordType: UInt16, Sendable {
    case services = 33
    case pointers = 35
  }

  enum Limits {
    /// A CNAME that leads to a CNAME and so on.
    static let aliases = 16
  }

  /// The RCODE of the header: 0 without an error, 3 for no such name.
  package private(set) var code: UInt8
  /// In their order, `Resolution.maximumRecords` at most; they may be none.
  package private(set) var records: Resolution.Records
  /// The shortest on the way to the records, aliases among it; zero where there are none.
  package private(set) var timeToLive = Duration.zero
  /// How long it holds that there are none, where the zone says so (RFC 2308 §5).
  package private(set) var negativeTimeToLive: Duration?

  private static let internet: UInt16 = 1
  private static let alias: UInt16 = 5
  private static let startOfAuthority: UInt16 = 6

  /// - Returns: nil for what is no answer to this question, or can not be read to its end.
  package init?(_ message: [UInt8], to name: String, _ type: RecordType) {
    var cursor = MessageCursor(message)
    guard cursor.number16() != nil, let flags = cursor.number16(), flags >> 15 == 1, flags >> 11 & 15 == 0,
      let questions = cursor.number16(), let answers = cursor.number16(), let authorities = cursor.number16(),
      cursor.number16() != nil
    else { return nil }
    guard questions == 1, cursor.name() == name.lowercased(), cursor.number16() == type.rawValue,
      cursor.number16() == Self.internet
    else { return nil }
    code = UInt8(flags & 15)
    records = type == .services ? .services([]) : .pointers([])
    var collected = Collected()
    for _ in 0..<answers {
      guard let record = Self.record(&cursor) else { return nil }
      collected.take(record, type)
    }
    for _ in 0..<authorities {
      guard let record = Self.record(&cursor) else { return nil }
      if record.type == Self.startOfAuthority, let end = Self.negative(record) { negativeTimeToLive = end }
    }
    settle(collected, name.lowercased(), type)
  }

  // MARK: Records

  private struct Record {
    let owner: String
    let type: UInt16
    let timeToLive: Duration
    let data: MessageCursor
  }

  /// What has the right type, of whatever name: an alias may stand behind what it leads to.
  private struct Collected {
    var aliases: [String: (name: String, timeToLive: Duration)] = [:]
    var services: [(owner: String, ttl: Duration, record: ServiceRecord)] = []
    var pointers: [(owner: String, ttl: Duration, record: NamingPointer)] = []

    mutating func take(_ record: Record, _ type: RecordType) {
      if record.type == RecordAnswer.alias {
        guard aliases.count < Limits.aliases, let name = RecordAnswer.whole(record.data, { $0.name() }) else { return }
        aliases[record.owner] = (name, record.timeToLive)
      } else if record.type == type.rawValue {
        switch type {
        case .services:
          RecordAnswer.service(record.data).map { services.append((record.owner, record.timeToLive, $0)) }
        case .pointers:
          RecordAnswer.pointer(record.data).map { pointers.append((record.owner, record.timeToLive, $0)) }
        }
      }
    }
  }

  /// The next one, of a class that counts or not. - Returns: nil where it is not whole.
  private static func record(_ cursor: inout MessageCursor) -> Record? {
    guard let owner = cursor.name(), let type = cursor.number16(), let recordClass = cursor.number16(),
      let timeToLive = cursor.timeToLive(), let length = cursor.number16(), let data = cursor.part(Int(length))
    else { return nil }
    // Type 0 is none (RFC 6895 §3.1).
    return Record(owner: owner, type: recordClass == internet ? type : 0, timeToLive: timeToLive, data: data)
  }

  private static func whole<Value>(_ data: MessageCursor, _ read: (inout MessageCursor) -> Value?) -> Value? {
    var data = data
    guard let value = read(&data), data.isAtEnd else { return nil }
    return value
  }

  private static func service(_ data: MessageCursor) -> ServiceRecord? {
    whole(data) { data in
      guard let priority = data.number16(), let weight = data.number16(), let port = data.number16(),
        let host = data.name()
      else { return nil }
      return ServiceRecord(priority: priority, weight: weight, port: port, host: host)
    }
  }

  private static func pointer(_ data: MessageCursor) -> NamingPointer? {
    whole(data) { data in
      guard let order = data.number16(), let preference = data.number16(), let flags = data.characterString(),
        let services = data.characterString(), let expression = data.characterString(), let replacement = data.name()
      else { return nil }
      return NamingPointer(
        order: order, preference: preference, flags: flags, services: services, expression: expression,
        replacement: replacement)
    }
  }

  /// RFC 2308 §5: the lesser of the TTL of the SOA record and its last field.
  private static func negative(_ record: Record) -> Duration? {
    whole(record.data) { data -> Duration? in
      guard data.name() != nil, data.name() != nil else { return nil }
      // Serial, refresh, retry and expiry.
      for _ in 0..<4 { guard data.number32() != nil else { return nil } }
      return data.timeToLive().map { min($0, record.timeToLive) }
    }
  }

  // MARK: What they say of the name

  private mutating func settle(_ collected: Collected, _ name: String, _ type: RecordType) {
    var owner = name
    var shortest: Duration?
    for _ in 0..<Limits.aliases {
      guard let alias = collected.aliases[owner] else { break }
      owner = alias.name
      shortest = Swift.min(shortest ?? alias.timeToLive, alias.timeToLive)
    }
    switch type {
    case .services:
      let found = collected.services.filter { $0.owner == owner }
      // Those of one priority stay as they came.
      let sorted = found.map(\.record).enumerated()
        .sorted { ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset) }
      records = .services(sorted.prefix(Resolution.maximumRecords).map(\.element))
      timeToLive = found.reduce(shortest) { Swift.min($0 ?? $1.ttl, $1.ttl) } ?? .zero
    case .pointers:
      let found = collected.pointers.filter { $0.owner == owner }
      let sorted = found.map(\.record).enumerated().sorted {
        ($0.element.order, $0.element.preference, $0.offset) < ($1.element.order, $1.element.preference, $1.offset)
      }
      records = .pointers(sorted.prefix(Resolution.maximumRecords).map(\.element))
      timeToLive = found.reduce(shortest) { Swift.min($0 ?? $1.ttl, $1.ttl) } ?? .zero
    }
  }
}
