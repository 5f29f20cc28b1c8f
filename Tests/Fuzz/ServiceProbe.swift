import SIPLocation
import SIPMessage

/// A name server's answer about SRV and NAPTR records, as it is walked over, and a search that lives of such answers: it
/// ends after as many questions as it may ask, and in places or in words.
///
/// The input begins with how many answers and authorities it says it has; then come the records, whose owner is at
/// 0x0C. From an input whose first byte is odd comes the whole message but for its number.
struct ServiceProbe {
  private static let name = "_sip._udp.example.com"
  private static let uris = ["sip:example.com", "sips:example.com", "sip:example.com;transport=tcp"]
  /// The hosts file, NAPTR records, each round of SRV records, and the addresses of the servers.
  private static let questions =
    2 + LocationSearch.Limits.orders * LocationSearch.Limits.services
    + LocationSearch.Limits.servers

  static func run(_ bytes: [UInt8]) {
    let services = answer(bytes, .services)
    let pointers = answer(bytes, .pointers)
    for uri in uris { search(uri, services, pointers, seed: UInt64(bytes.count)) }
  }

  private static func answer(_ bytes: [UInt8], _ type: RecordAnswer.RecordType) -> RecordAnswer? {
    guard let answer = RecordAnswer(message(bytes, type), to: name, type) else { return nil }
    precondition(answer.timeToLive >= .zero && answer.timeToLive <= .seconds(Int32.max), "\(answer)")
    switch answer.records {
    case .addresses: preconditionFailure("nobody asked for addresses")
    case .services(let records):
      precondition(records.count <= Resolution.maximumRecords, "too many")
      precondition(zip(records, records.dropFirst()).allSatisfy { $0.priority <= $1.priority }, "\(records)")
    case .pointers(let records):
      precondition(records.count <= Resolution.maximumRecords, "too many")
      precondition(zip(records, records.dropFirst()).allSatisfy { $0.order <= $1.order }, "\(records)")
    }
    return answer
  }

  private static func message(_ bytes: [UInt8], _ type: RecordAnswer.RecordType) -> [UInt8] {
    guard bytes.count >= 2, bytes[0] % 2 == 0 else { return [0, 0] + bytes.dropFirst() }
    let labels = name.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    return [0, 0, 0x81, 0x80, 0, 1, 0, bytes[0] / 2, 0, bytes[1], 0, 0] + labels
      + [0, 0, UInt8(type.rawValue), 0, 1] + bytes[2...]
  }

  private static func search(_ uri: String, _ services: RecordAnswer?, _ pointers: RecordAnswer?, seed: UInt64) {
    guard let uri = try? URI(uri), let query = try? LocationQuery(uri) else { preconditionFailure(uri) }
    var search = LocationSearch(query)
    var chance = Chance(state: seed)
    var asked = 0
    var action = search.begin()
    while case .ask(let questions) = action {
      asked += questions.count
      precondition(asked <= Self.questions, "\(asked) questions")
      for question in questions {
        action = search.answered(question, answer(question, services, pointers), chance: &chance)
      }
    }
    switch search.trace.outcome {
    case .found(let places)?: precondition((1...LocationSearch.Limits.places).contains(places.count), "\(places)")
    case .failed(let words)?: precondition(!words.isEmpty, "no words")
    case nil: preconditionFailure("the search has no end")
    }
  }

  private static func answer(
    _ question: NameQuestion, _ services: RecordAnswer?, _ pointers: RecordAnswer?
  ) -> NameAnswer {
    let records: Resolution.Records? =
      switch question {
      case .hosts: nil
      case .services: services?.records
      case .pointers: pointers?.records
      case .addresses(let name, _): name.utf8.count % 5 == 0 ? nil : .addresses([.v4(0xC000_0201), .v6(1, 2)])
      }
    guard let records, !records.isEmpty else {
      return .failure(ResolutionFailure(name: question.name, kind: .noRecord))
    }
    return .success(Resolution(records, expiry: .seconds(60)))
  }

  private struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ state >> 33
    }
  }
}
