import RegistrarLab
import SIPMessage
import SIPTransport
import Testing

@Suite struct LabTests {
  private static func register(_ lab: Lab, _ client: LoopbackClient) -> Register {
    let transport = client.isStream ? "TCP" : "UDP"
    let uri = "sip:\(lab.registrar)" + (client.isStream ? ";transport=tcp" : "")
    return Register(
      uri: uri, contacts: ["<sip:alice@127.0.0.1:\(client.port)>"],
      vias: ["SIP/2.0/\(transport) 127.0.0.1:\(client.port);rport;branch=z9hG4bK1"])
  }

  /// Registers and comes back with the number of the bindings.
  private static func pass(_ request: Register, _ client: LoopbackClient) throws -> Message {
    let challenge = try client.answer(to: request)
    var second = try request.answering(challenge)
    second.vias = request.vias?.map { $0.replacing("z9hG4bK1", with: "z9hG4bK2") }
    return try client.answer(to: second)
  }

  @Test(arguments: [false, true])
  func aClientRegistersDirectly(isStream: Bool) throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    let client = try LoopbackClient(to: lab.registrar, isStream: isStream)
    let answer = try Self.pass(Self.register(lab, client), client)
    #expect(answer.status == 200)
    #expect(lab.bindings().map(\.addressOfRecord) == ["sip:alice@example.net"])
    #expect(lab.bindings().map(\.path) == [[]])
  }

  @Test(arguments: [false, true])
  func aClientRegistersThroughTheLooseProxy(isStream: Bool) throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    let client = try LoopbackClient(to: lab.looseProxy, isStream: isStream)
    var request = Self.register(lab, client)
    request.others = ["Route: <sip:\(lab.looseProxy);lr>"]
    #expect(try Self.pass(request, client).status == 200)
    #expect(lab.bindings().map(\.path) == [["<sip:\(lab.looseProxy);lr>"]])
    #expect(lab.proxyCounters(of: .looseProxy)?.requestsForwarded == 2)
  }

  @Test(arguments: [false, true])
  func aClientRegistersThroughTheStrictProxyAndThenTheLooseOne(isStream: Bool) throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    let client = try LoopbackClient(to: lab.strictProxy, isStream: isStream)
    var request = Self.register(lab, client)
    request.others = ["Route: <sip:\(lab.looseProxy);lr>, <\(request.uri)>"]
    request.uri = "sip:\(lab.strictProxy)"
    #expect(try Self.pass(request, client).status == 200)
    #expect(lab.bindings().map(\.path) == [["<sip:\(lab.looseProxy);lr>"]])
    #expect(lab.proxyCounters(of: .strictProxy)?.responsesForwarded == 2)
  }

  @Test func faultsOfTheWireComeAndGo() throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    let client = try LoopbackClient(to: lab.registrar, isStream: false)
    let request = Self.register(lab, client)
    lab.change { $0.isSilent = true }
    client.send(request)
    #expect(client.hearsNothing())
    lab.change { $0 = .none }
    lab.change { $0.lossPercent = 100 }
    client.send(request)
    #expect(client.hearsNothing())
    lab.change { $0 = .none }
    lab.change { $0.delay = .milliseconds(20) }
    #expect(try client.answer(to: request).status == 401)
    lab.change { $0 = .none }
    #expect(try Self.pass(request, client).status == 200)
  }

  @Test func aRebootLosesBindingsAndNonces() throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    let client = try LoopbackClient(to: lab.registrar, isStream: false)
    let request = Self.register(lab, client)
    let challenge = try client.answer(to: request)
    lab.reboot()
    #expect(try client.answer(to: request.answering(challenge)).challenges.map(\.isStale) == [true])
    #expect(try Self.pass(request, client).status == 200)
    lab.reboot()
    #expect(lab.bindings().isEmpty)
    #expect(lab.statistics().counters.lapses == 0)
  }

  @Test func twoLabsLiveSideBySideButNotOnOnePort() throws {
    let lab = try Lab()
    defer { lab.shutdown() }
    let second = try Lab()
    second.shutdown()
    var settings = Lab.Settings()
    settings.registrarPort = lab.registrar.port
    #expect(throws: BindError.self) { _ = try Lab(settings) }
  }
}
