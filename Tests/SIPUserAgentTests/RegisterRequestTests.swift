import SIPMessage
import SIPTransaction
import Testing

@testable import SIPUserAgent

/// A REGISTER is, byte for byte, what a writer makes of it that looks at each header field.
@Suite struct RegisterRequestTests {
  private static func written(
    _ request: RegisterRequest, over way: Way, _ routes: RouteSet, _ account: Account, _ identity: Identity,
    contact: String, formerContact: String?, offered: Extensions
  ) throws -> [UInt8] {
    let application = routes.applied(to: account.registrar)
    let isNowhere = way.target.transport.isWebSocket
    let sentBy = isNowhere ? "\(SentBy(way.local, over: .ws).host)" : "\(way.local)"
    var writer = MessageWriter()
    writer.request(.register, application.requestURI)
    try writer.field(
      .via, text: "SIP/2.0/\(way.target.transport.viaToken) \(sentBy);rport;branch=\(request.branch)")
    writer.number(.maxForwards, 70 as UInt)
    for route in application.routes { try writer.field(.route, text: "<\(route)>") }
    try writer.field(.from, text: "<\(account.from ?? account.addressOfRecord)>;tag=\(identity.fromTag)")
    try writer.field(.to, text: "<\(account.addressOfRecord)>")
    try writer.field(.callID, text: identity.callID)
    try writer.field(.cSeq, text: "\(request.cSeq) REGISTER")
    try writer.field(
      .contact, text: "<\(contact)>\(String(decoding: request.contactParameters, as: UTF8.self))")
    if let formerContact { try writer.field(.contact, text: "<\(formerContact)>;expires=0") }
    writer.number(.expires, request.expires)
    if let tags = offered.tags { writer.constant(.supported, tags) }
    writer.constant(.allow, RegisterTemplate.allow)
    try writer.field(.userAgent, text: "a program")
    return writer.finish()
  }

  @Test func bothWritersMakeTheSame() throws {
    let chance = Bench.Chance(state: 5)
    let made = CompactIdentity.made(high: 0x0F1E_2D3C_4B5A_4697, low: 0x8899_AABB_CCDD_EEFF, tag: 7)
    let ways = [
      TransportProtocol.udp, .tcp, .tls, .ws, .wss,
    ].flatMap { transport in
      [IPAddress.v4(0xC000_0264), .v6(0x2001_0DB8_0000_0000, 1)].map {
        Way(target: Target(transport: transport, endpoint: Endpoint(address: $0, port: 5060)), local: Bench.local)
      }
    }
    var random = chance
    for way in ways {
      for routes in [RouteSet.direct, RouteSet(proxies: [try URI("sip:edge.test;lr"), try URI("sip:strict.test")])] {
        for identity in [made, .other(Identity(callID: "a@b", fromTag: "c"))] {
          for formerContact in [nil, "sip:alice@192.0.2.7;line=00000000"] {
            let offered = Extensions(rawValue: .random(in: 0...3, using: &random))
            let account = try Bench.account {
              $0.credentials = []
              $0.from = Bool.random(using: &random) ? try URI("sip:sales@Example.test") : nil
              $0.addressOfRecord = try URI(
                "sip:alice@\(["example.test", "EXAMPLE.test", "[2001:db8::1]"].randomElement(using: &random)!)")
            }
            let request = RegisterRequest(
              branch: Branch(slot: 1, serial: 2, chance: random.next()), cSeq: .random(in: 1...2 << 30, using: &random),
              expires: .random(in: 0...7200, using: &random), clientNonce: 3,
              contactParameters: formerContact == nil && offered.contains(.outbound) ? Array(";reg-id=2".utf8) : [])
            var authenticator = Authenticator()
            let contact = "sip:alice@192.0.2.1"
            let bytes = try request.bytes(
              try RegisterTemplate(account.registrar, routes, way, offering: offered, userAgent: "a program"),
              account, identity, contact: Array(contact.utf8), formerContact: formerContact.map { Array($0.utf8) },
              &authenticator, room: [])
            let domain = Registrant.domain(of: account.addressOfRecord)
            let expected = try Self.written(
              request, over: way, routes, account, identity.identity(domain: domain), contact: contact,
              formerContact: formerContact, offered: offered)
            #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
          }
        }
      }
    }
  }
}
