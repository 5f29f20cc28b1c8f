import SIPMessage
import SIPTransaction
import Testing

@testable import SIPUserAgent

/// No length of what is configured, challenged or learned decides over more than how much memory a request takes.
@Suite struct RequestRoomTests {
  static let way = Way(
    target: Target(transport: .udp, endpoint: Endpoint(address: .v4(0xC000_0264), port: 5060)), local: Bench.local)
  static let request = RegisterRequest(
    branch: Branch(slot: 1, serial: .max, chance: .max), cSeq: .max, expires: .max, clientNonce: .max)

  var chance = Bench.Chance(state: 11)

  /// Now and then none, now and then many.
  mutating func word(of letters: String, atLeast least: Int = 0, atMost most: Int = 1500) -> String {
    let letters = Array(letters)
    let length = max(least, Int.random(in: 0...[0, 8, 64, most].randomElement(using: &chance)!, using: &chance))
    return String((0..<length).map { _ in letters.randomElement(using: &chance)! })
  }

  @Test func aRequestIsTheSameInAnyRoom() throws {
    let account = try Bench.account()
    let template = try RegisterTemplate(
      account.registrar, .direct, Self.way, offering: .path, userAgent: "a program")
    let identity = CompactIdentity.made(high: 1, low: 2, tag: 3)
    let former = Array("sip:alice@192.0.2.7;line=00000000".utf8)
    func write(_ hint: Int) -> [UInt8] {
      [UInt8](reserving: hint) { text in
        Self.request.append(
          template, from: account.addressOfRecord, to: account.addressOfRecord, identity,
          contact: Array("sip:alice@192.0.2.1".utf8), formerContact: former, to: &text)
      }
    }
    let written = write(100_000)
    #expect(try Message(parsing: written + "Content-Length: 0\r\n\r\n".utf8).fields.count == 13)
    for hint in 0...written.count { #expect(write(hint) == written) }
  }

  @Test mutating func noLengthOfAnyPartIsTooMuch() throws {
    for _ in 0..<300 {
      let host = word(of: "abc", atLeast: 1, atMost: 200)
      let username = word(of: #"ab"\ "#)
      let realm = word(of: #"ab"\ "#)
      let algorithm = DigestAlgorithm(
        hash: .allCases.randomElement(using: &chance)!, isSession: .random(using: &chance))
      let nonce = CachedNonce(
        source: .random(using: &chance) ? .server : .proxy, realm: Array(realm.utf8),
        nonce: Array(word(of: #"01"\"#, atLeast: 1).utf8),
        opaque: .random(using: &chance) ? Array(word(of: "xy").utf8) : nil,
        algorithm: algorithm, quality: [.auth, .authInt].randomElement(using: &chance)!, count: .max - 1)
      var settings = ContactSettings()
      settings.user = .random(using: &chance) ? word(of: "u%@\u{e9}", atLeast: 1) : nil
      settings.host = .random(using: &chance) ? .name(word(of: "h", atLeast: 1, atMost: 255)) : nil
      settings.parameters = ";x=" + word(of: "p", atLeast: 1)
      let account = Account(
        name: "a", addressOfRecord: try URI("sip:\(word(of: "a", atLeast: 1))@\(host).test"),
        registrar: try URI("sip:\(host).test"),
        credentials: [Credential(username: username, password: word(of: "s"))], contact: settings)
      let contact = try OwnContact(
        account: account, transport: .tls, local: Bench.local, mark: Array(word(of: "0a", atLeast: 1).utf8))
      let identity =
        Bool.random(using: &chance)
        ? CompactIdentity.made(high: .max, low: .max, tag: .max)
        : .other(Identity(callID: word(of: "c", atLeast: 1), fromTag: word(of: "t", atLeast: 1)))
      let template = try RegisterTemplate(
        account.registrar, .direct, Self.way, offering: Extensions(rawValue: .random(in: 0...3, using: &chance)),
        userAgent: word(of: "v", atLeast: 1))
      var authenticator = Authenticator(nonces: [nonce])
      let bytes = try Self.request.bytes(
        template, account, identity, contact: contact.text,
        formerContact: .random(using: &chance) ? contact.text : nil, &authenticator, room: [])

      let message = try Message(parsing: bytes)
      let field = try #require(message.first(nonce.source == .server ? .authorization : .proxyAuthorization))
      let credentials = try DigestCredentials(parsing: field)
      #expect(credentials.username == Array(username.utf8))
      #expect(credentials.realm == nonce.realm)
      #expect(credentials.nonce == nonce.nonce)
      #expect(credentials.opaque == nonce.opaque)
      #expect(credentials.response.count == algorithm.hash.digits)
      #expect(
        message.first(.callID).map(Array.init) == Array(identity.identity(domain: .name("\(host).test")).callID.utf8))
    }
  }
}
