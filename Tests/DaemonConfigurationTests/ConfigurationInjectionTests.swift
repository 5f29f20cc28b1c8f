import SIPMessage
import SIPUserAgent
import Testing

@testable import DaemonConfiguration

/// Whatever a configuration holds, a REGISTER has the header fields that it ought to have, and no other.
@Suite struct ConfigurationInjectionTests {
  static let injections = ["\r\nEvil: 1", "\nEvil: 1", "\rEvil: 1", "\0Evil: 1", "\r\n\r\nEvil: 1", "\r\n Evil: 1"]

  /// Keys whose text goes into a message, with a value that is good.
  static let accountKeys = [
    ("name", "alice"), ("aor", "sip:alice@example.com"), ("from", "sip:alice@example.com"),
    ("registrar", "sip:example.com"), ("username", "alice"), ("realm", "example.com"),
    ("outbound_proxy", "sip:edge.example.com"), ("transport", "udp"), ("contact_user", "alice"),
    ("contact_host", "pbx.example.com"), ("contact_parameters", ";x=1"),
  ]

  static func quoted(_ text: String) -> String {
    "\""
      + text.unicodeScalars.map {
        $0.value < 0x20 ? "\\u00" + String($0.value + 0x100, radix: 16).dropFirst() : "\($0)"
      }
      .joined() + "\""
  }

  /// An account with this one value changed; nil where it is refused.
  static func account(_ key: String, _ value: String) -> Account? {
    var values = Dictionary(uniqueKeysWithValues: accountKeys)
    values["password"] = "secret"
    values[key] = value
    let lines = values.sorted { $0.key < $1.key }.map { "\($0.key) = \(quoted($0.value))" }
    return try? Configuration.parse(text: "[[account]]\n" + lines.joined(separator: "\n") + "\n").accounts.first
  }

  @Test func theValuesThatAreDoctoredAreGood() throws {
    for (key, value) in Self.accountKeys { #expect(Self.account(key, value) != nil, "\(key)") }
  }

  @Test(arguments: accountKeys.map(\.0)) func noAccountKeyBeginsAHeaderField(key: String) throws {
    let value = try #require(Self.accountKeys.first { $0.0 == key }).1
    for injection in Self.injections {
      for doctored in [value + injection, String(value.prefix(4)) + injection + value.dropFirst(4), injection] {
        guard let account = Self.account(key, doctored) else { continue }
        let bytes = try #require(Self.register(account), "\(key): \(doctored.debugDescription)")
        let message = try Message(parsing: bytes)
        #expect(message.defect() == nil)
        #expect(
          !message.fields.contains { $0.name == HeaderName(Bytes("Evil")) }, "\(key): \(doctored.debugDescription)")
      }
    }
  }

  @Test(arguments: injections) func noUserAgentBeginsAHeaderField(injection: String) {
    #expect(throws: ConfigurationErrors.self) {
      try Configuration.parse(text: "[daemon]\nuser_agent = \(Self.quoted("x" + injection))\n")
    }
  }

  @Test(arguments: injections) func noProxyBeginsAHeaderField(injection: String) {
    for uri in ["sip:edge.example.com;lr" + injection, "sip:edge\(injection).example.com"] {
      #expect(throws: ConfigurationErrors.self) {
        try Configuration.parse(text: "[proxy.edge]\nroutes = [[\(Self.quoted(uri))]]\n")
      }
    }
  }

  /// The first REGISTER of an account; nil when none leaves after a few steps.
  static func register(_ account: Account) -> [UInt8]? {
    var agent = UserAgent(random: SystemRandomNumberGenerator())
    let id = AccountID(index: 0)
    let target = Target(transport: .udp, endpoint: Endpoint(address: .v4(0x7F00_0001), port: 5060))
    var now = Instant(nanoseconds: 1_000_000_000)
    var events: [Event] = [.add(id, account, nil)]
    var timers: [(timer: TimerID, due: Instant)] = []
    for _ in 0..<20 {
      if events.isEmpty, let next = timers.indices.min(by: { timers[$0].due < timers[$1].due }) {
        let (timer, due) = timers.remove(at: next)
        now = max(now, due)
        events = [.timerFired(timer)]
      }
      guard !events.isEmpty else { return nil }
      var effects: [Effect] = []
      agent.handle(events.removeFirst(), now: now, effects: &effects)
      for effect in effects {
        switch effect {
        case .send(let bytes, _, _): return bytes
        case .store(_, let record): events.append(.stored(id, key: record.key, cSeqCeiling: record.cSeqCeiling))
        case .locate(_, let question):
          events.append(.located(question, .ways([Way(target: target, local: target.endpoint)])))
        case .setTimer(let timer, let due): timers.append((timer, due))
        case .cancelTimer, .renew, .forget, .released, .stopped, .report, .reportHop, .reportRequest, .keepAlive,
          .close:
          break
        }
      }
    }
    return nil
  }
}
