import Testing

@testable import RegistrationControl

@Suite struct ControlCallTests {
  private func request(_ json: String) throws -> ControlRequest { try ControlRequest(frame: Array(json.utf8)) }

  @Test(
    arguments: [
      .info, .interfaceDescription("org.sipregd.Registrations"), .status,
      .list(AccountFilter(states: [.waiting, .paused], domain: "example.com", pattern: "a*")), .list(AccountFilter()),
      .show(name: "al\"ice\u{0}\u{1B}"), .watch(AccountFilter(pattern: "?")),
      .refresh(AccountSelection(names: ["a", "b"])), .refresh(AccountSelection(all: true), wait: 40),
      .pause(AccountSelection(pattern: "*@example.com")),
      .resume(AccountSelection(all: true)), .reload(dryRun: true), .reload(dryRun: false),
    ] as [ControlCall])
  func everyCallReadsBackAsItWasWritten(_ call: ControlCall) throws {
    let frame = call.frame(more: true)
    #expect(frame.last == 0)
    #expect(frame.dropLast().allSatisfy { $0 != 0 })
    let request = try ControlRequest(frame: frame.dropLast())
    #expect(request.call == .success(call))
    #expect(request.more)
    #expect(!request.oneway)
  }

  @Test func filterAndParametersMayBeAbsent() throws {
    #expect(try request(#"{"method":"org.sipregd.Registrations.List"}"#).call == .success(.list(AccountFilter())))
    #expect(
      try request(#"{"method":"org.sipregd.Registrations.List","parameters":{}}"#).call
        == .success(.list(AccountFilter())))
    #expect(
      try request(#"{"method":"org.sipregd.Registrations.List","parameters":{"filter":null}}"#).call
        == .success(.list(AccountFilter())))
  }

  @Test(
    arguments: [
      (#"{"method":"org.sipregd.Registrations.Explode"}"#, .methodNotFound("org.sipregd.Registrations.Explode")),
      (#"{"method":""}"#, .methodNotFound("")),
      (#"{"method":"org.sipregd.Registrations.Show"}"#, .invalidParameter("name")),
      (#"{"method":"org.sipregd.Registrations.Show","parameters":{"name":7}}"#, .invalidParameter("name")),
      (
        #"{"method":"org.sipregd.Registrations.List","parameters":{"filter":{"states":["asleep"]}}}"#,
        .invalidParameter("filter.states")
      ),
      (#"{"method":"org.sipregd.Registrations.Show","parameters":[]}"#, .invalidParameter("parameters")),
      (#"{"method":"org.sipregd.Registrations.Reload","parameters":{}}"#, .invalidParameter("dry_run")),
      (#"{"method":"org.sipregd.Registrations.Pause","parameters":{"names":[]}}"#, .invalidParameter("names")),
      (#"{"method":"org.sipregd.Registrations.Pause","parameters":{"all":false}}"#, .invalidParameter("names")),
    ] as [(String, ControlError)])
  func aWrongCallIsAnsweredWithItsError(_ json: String, _ error: ControlError) throws {
    #expect(try request(json).call == .failure(error))
  }

  @Test(arguments: ["", "x", "[]", "7", "{", #"{"parameters":{}}"#, #"{"method":7}"#, "{\"method\":\"\u{FFFD}"])
  func garbageIsNoMessage(_ garbage: String) {
    #expect(throws: VarlinkDefect.notAMessage) { try request(garbage) }
  }

  @Test func deepNestingIsRefusedBeforeItIsDecoded() throws {
    let deep = String(repeating: "[", count: 500_000)
    #expect(throws: VarlinkDefect.tooDeep(limit: 16)) { try request(#"{"method":"a","parameters":\#(deep)"#) }
    let bracketsInAString = #"{"method":"\#(String(repeating: "[{\\\"", count: 100))"}"#
    #expect(throws: Never.self) { try request(bracketsInAString) }
  }

  @Test func onlyTheFourChangesNeedPermission() {
    let all = AccountSelection(all: true)
    let changes: [ControlCall] = [.refresh(all), .pause(all), .resume(all), .reload(dryRun: true)]
    let reads: [ControlCall] = [.info, .status, .list(.init()), .show(name: "a"), .watch(.init())]
    #expect(changes.allSatisfy { $0.changesTheDaemon })
    #expect(!reads.contains { $0.changesTheDaemon })
  }

  /// Line ends that a client sends stay inside the text they came in, and end neither a line nor a message.
  @Test(arguments: ["a\r\nEvil: 1", "a\nb", "a\u{0}b", "\u{1B}]0;x\u{7}"])
  func noControlCharacterOfACallStandsInItsReply(name: String) throws {
    let errors: [ControlError] = [.noSuchAccount(name), .invalidParameter(name), .methodNotFound(name)]
    for error in errors {
      #expect(error.frame.dropLast().allSatisfy { $0 >= 0x20 })
      #expect(try ControlError(reply: VarlinkMessage(frame: error.frame.dropLast())) == error)
    }
    let call = ControlCall.refresh(AccountSelection(names: [name], pattern: name))
    #expect(call.frame().dropLast().allSatisfy { $0 >= 0x20 })
  }

  @Test(arguments: [
    ControlCall.list(AccountFilter(pattern: String(repeating: "*", count: 257))),
    .watch(AccountFilter(pattern: String(repeating: "*", count: 1_000_000))),
    .refresh(AccountSelection(pattern: String(repeating: "é", count: 129))),
  ])
  func aPatternHasALength(_ call: ControlCall) throws {
    let request = try ControlRequest(frame: call.frame().dropLast())
    #expect(throws: ControlError.invalidParameter("pattern")) { try request.call.get() }
  }

  @Test func aDomainHasALength() throws {
    let call = ControlCall.list(AccountFilter(domain: String(repeating: "a", count: 257)))
    let request = try ControlRequest(frame: call.frame().dropLast())
    #expect(throws: ControlError.invalidParameter("domain")) { try request.call.get() }
  }

  @Test func theLongestPatternIsTaken() throws {
    let call = ControlCall.list(AccountFilter(pattern: String(repeating: "a*", count: 128)))
    #expect(try ControlRequest(frame: call.frame().dropLast()).call.get() == call)
  }
}
