import SIPLocation
import SIPMessage

/// What a name server and a hosts file say, a line for each record, and whoever asks them on behalf of a search:
///
///     example.com NAPTR 50 50 s SIPS+D2T _sips._tcp.example.com
///     _sip._udp.example.com SRV 10 60 5060 sip1.example.com
///     sip1.example.com A 192.0.2.1
///     example.com HOSTS 192.0.2.9
///     example.com FAIL NAPTR
///     example.com SILENT NAPTR
///
/// A name without a line does not exist.
struct Zone {
  private let lines: [[String]]
  private(set) var asked: [NameQuestion] = []

  init(_ text: [String]) { lines = text.map { $0.split(separator: " ").map(String.init) } }

  /// Runs a search to its end.
  mutating func run(_ uri: URI, chance: inout some RandomNumberGenerator) throws -> LocationTrace {
    var search = LocationSearch(try LocationQuery(uri))
    var action = search.begin()
    while case .ask(let questions) = action {
      asked += questions
      action = .wait
      for question in questions {
        guard let answer = answer(question) else { continue }
        action = search.answered(question, answer, chance: &chance)
      }
      if action == .wait { action = search.roundPassed(chance: &chance) }
      if action == .wait { action = search.timePassed(chance: &chance) }
    }
    return search.trace
  }

  /// nil: silence.
  private func answer(_ question: NameQuestion) -> NameAnswer? {
    let own = lines.filter { $0[0] == question.name }
    let type = question.type
    if own.contains(where: { $0[1] == "SILENT" && $0[2] == type }) { return nil }
    if own.contains(where: { $0[1] == "FAIL" && $0[2] == type }) { return failure(question, .serverFailure) }
    let data = own.filter { $0[1] == type }.map { Array($0.dropFirst(2)) }
    guard !data.isEmpty else { return failure(question, own.isEmpty ? .noSuchName : .noRecord) }
    return .success(Resolution(records(question, data), expiry: .seconds(300)))
  }

  private func failure(_ question: NameQuestion, _ kind: ResolutionFailure.Kind) -> NameAnswer {
    .failure(ResolutionFailure(name: question.name, kind: kind))
  }

  private func records(_ question: NameQuestion, _ data: [[String]]) -> Resolution.Records {
    switch question {
    case .hosts, .addresses: .addresses(data.compactMap { IPAddress($0[0]) })
    case .services:
      .services(
        data.map {
          ServiceRecord(
            priority: UInt16($0[0])!, weight: UInt16($0[1])!, port: UInt16($0[2])!, host: $0[3] == "." ? "" : $0[3])
        }.sorted { $0.priority < $1.priority })
    case .pointers:
      .pointers(
        data.map {
          NamingPointer(
            order: UInt16($0[0])!, preference: UInt16($0[1])!, flags: $0[2], services: $0[3],
            expression: $0.count > 5 ? $0[5] : "", replacement: $0[4] == "." ? "" : $0[4])
        }.sorted { ($0.order, $0.preference) < ($1.order, $1.preference) })
    }
  }
}

extension NameQuestion {
  fileprivate var type: String {
    switch self {
    case .hosts: "HOSTS"
    case .pointers: "NAPTR"
    case .services: "SRV"
    case .addresses: "A"
    }
  }

  var words: String {
    switch self {
    case .hosts: "hosts"
    case .addresses(let name, _): "A \(name)"
    case .pointers, .services: "\(type) \(name)"
    }
  }
}

/// Chance that can be had again (SplitMix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}
