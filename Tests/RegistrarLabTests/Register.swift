import SIPMessage
import SIPTransport

@testable import RegistrarLab

/// A REGISTER in the making: what a test does not say is good.
struct Register {
  var uri = "sip:example.net"
  var aor = "sip:alice@example.net"
  var contacts = ["<sip:alice@192.0.2.7:5060>"]
  var expires: UInt32? = 600
  var callID = "one@192.0.2.7"
  var cSeq: UInt32 = 1
  var branch: String?
  var user = "alice"
  var maxForwards = 70
  var vias: [String]?
  var others: [String] = []
  var credentials: DigestCredentials?
  var credentialsHeader = "Authorization"

  var bytes: [UInt8] {
    let via = "SIP/2.0/UDP 192.0.2.7:5060;rport;branch=\(branch ?? "z9hG4bK\(callID.hashValue)\(cSeq)")"
    var lines = ["REGISTER \(uri) SIP/2.0"]
    lines += (vias ?? [via]).map { "Via: \($0)" }
    lines += ["Max-Forwards: \(maxForwards)", "From: <\(aor)>;tag=1", "To: <\(aor)>"]
    lines += ["Call-ID: \(callID)", "CSeq: \(cSeq) REGISTER"]
    lines += contacts.map { "Contact: \($0)" }
    if let expires { lines.append("Expires: \(expires)") }
    if let credentials {
      lines.append("\(credentialsHeader): \(String(decoding: credentials.headerValue, as: UTF8.self))")
    }
    lines += others + ["Content-Length: 0", "", ""]
    return Array(lines.joined(separator: "\r\n").utf8)
  }

  /// With credentials for the first challenge of the answer.
  func answering(_ answer: Message, password: String = "secret", count: UInt32 = 1) throws -> Register {
    guard let challenge = answer.challenges.first, let algorithm = challenge.algorithm else { throw NoChallenge() }
    var credentials = DigestCredentials(
      username: Array(user.utf8), realm: challenge.realm, nonce: challenge.nonce, uri: Array(uri.utf8), response: [],
      algorithm: algorithm, quality: .auth, clientNonce: Array("c".utf8), nonceCount: count)
    var calculation = DigestCalculation(.shared(password))
    var secret: DigestCalculation.Secret?
    credentials.response =
      calculation.response(to: try Credentials(parsing: credentials.headerValue[...]), .register, secret: &secret)
      ?? []
    var request = self
    request.credentials = credentials
    if challenge.source == .proxy { request.credentialsHeader = "Proxy-Authorization" }
    request.cSeq += 1
    return request
  }
}

struct NoChallenge: Error {}
struct NoAnswer: Error {}

/// Where the tests' requests come from.
let client = Flow(
  target: Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_0207), port: 5060)))

extension Element {
  /// `seconds` since the beginning of time.
  mutating func send(_ request: Register, at seconds: Double = 0, over flow: Flow = client) throws -> Outbound {
    try pass(request.bytes, at: seconds, over: flow)
  }

  mutating func pass(_ bytes: [UInt8], at seconds: Double = 0, over flow: Flow) throws -> Outbound {
    guard let outbound = receive(bytes, over: flow, at: .init(nanoseconds: UInt64(seconds * 1e9))) else {
      throw NoAnswer()
    }
    return outbound
  }

  mutating func answer(to request: Register, at seconds: Double = 0) throws -> Message {
    try Message(parsing: send(request, at: seconds).bytes)
  }
}

extension Registrar {
  mutating func statistics(afterSeconds seconds: UInt64) -> RegistrarStatistics {
    statistics(at: .init(nanoseconds: seconds * 1_000_000_000))
  }
}

extension Message {
  /// The values of a header field as text.
  func texts(_ name: HeaderName) -> [String] { values(name).map(\.text) }
}
