import RegistrarLab
import SIPMessage
import Testing

@Suite struct RegistrarTests {
  private static func registrar(_ change: (inout Registrar.Settings) -> Void = { _ in }) -> Registrar {
    var settings = Registrar.Settings()
    settings.challenges = false
    change(&settings)
    return Registrar(settings)
  }

  @Test func aBindingIsListedWithWhatIsLeftOfIt() throws {
    var registrar = Self.registrar()
    #expect(try registrar.answer(to: Register()).texts(.contact) == ["<sip:alice@192.0.2.7:5060>;expires=600"])
    let query = Register(contacts: [], cSeq: 2)
    #expect(try registrar.answer(to: query, at: 100).texts(.contact) == ["<sip:alice@192.0.2.7:5060>;expires=500"])
  }

  /// What is asked for in the Contact, in Expires, and what is granted.
  @Test(
    arguments: [
      ("", 600, 600), (";expires=90", 600, 90), ("", nil, 3600), (";expires=9000", 600, 7200),
      (";expires=what", 60, 60),
      ("", 4_294_967_295, 7200),
    ] as [(String, UInt32?, Int)])
  func theExpiryIsTakenFromParameterThenHeaderThenDefault(parameter: String, header: UInt32?, granted: Int) throws {
    var registrar = Self.registrar()
    let request = Register(contacts: ["<sip:alice@192.0.2.7:5060>\(parameter)"], expires: header)
    #expect(
      try registrar.answer(to: request).texts(.contact) == ["<sip:alice@192.0.2.7:5060>;expires=\(granted)"])
  }

  @Test func aShortIntervalIsTooBriefUnlessItIsZero() throws {
    var registrar = Self.registrar { $0.minimumExpires = 60 }
    let brief = try registrar.answer(to: Register(expires: 59))
    #expect(brief.status == 423)
    #expect(brief.minExpires == DeltaSeconds(60))
    #expect(try registrar.answer(to: Register(expires: 60, cSeq: 2)).status == 200)
    #expect(try registrar.answer(to: Register(expires: 0, cSeq: 3)).texts(.contact).isEmpty)
  }

  /// The CSeq that is bound, Call-ID and CSeq that follow, the answer.
  @Test(
    arguments: [
      (5, "one@192.0.2.7", 6, 200), (5, "one@192.0.2.7", 5, 500), (5, "one@192.0.2.7", 4, 500),
      (5, "other@192.0.2.7", 1, 200),
    ] as [(UInt32, String, UInt32, Int)])
  func theCSeqHasToRiseWithinACallID(bound: UInt32, callID: String, cSeq: UInt32, status: Int) throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(cSeq: bound))
    let next = Register(callID: callID, cSeq: cSeq, branch: "z9hG4bKnext")
    #expect(try registrar.answer(to: next, at: 1).status == status)
    let counters = registrar.statistics(at: .origin).counters
    #expect(counters.cSeqViolations == (status == 500 ? 1 : 0))
    #expect(counters.callIDChanges == (callID == "one@192.0.2.7" ? 0 : 1))
  }

  @Test func aRefusedRequestChangesNothing() throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(cSeq: 5))
    let late = Register(
      contacts: ["<sip:new@192.0.2.7:5060>", "<sip:alice@192.0.2.7:5060>"], cSeq: 4, branch: "z9hG4bKlate")
    #expect(try registrar.answer(to: late).status == 500)
    #expect(registrar.bindings(at: .origin).map(\.contact) == ["sip:alice@192.0.2.7:5060"])
  }

  @Test func aRetransmissionIsAnsweredAgainAndChangesNothing() throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register())
    let again = try registrar.answer(to: Register(), at: 4)
    #expect(again.texts(.contact) == ["<sip:alice@192.0.2.7:5060>;expires=596"])
    let counters = registrar.statistics(at: .origin).counters
    #expect((counters.requests, counters.retransmissions, counters.accepted) == (2, 1, 1))
    #expect(counters.cSeqViolations == 0)
  }

  /// An address-of-record, and another that is the same or not (§10.3 step 5).
  @Test(
    arguments: [
      ("sip:alice@example.net", "sip:%61lice@EXAMPLE.net;user=phone", true),
      ("sip:alice@example.net", "sips:alice@example.net", true),
      ("sip:alice@example.net", "sip:Alice@example.net", false),
      ("sip:alice@example.net", "sip:alice@example.net:5060", false),
      ("sip:alice@[2001:db8::1]", "sip:alice@[2001:DB8:0::1]", true), ("sip:example.net", "sip:x@example.net", false),
    ] as [(String, String, Bool)])
  func addressesOfRecordAreComparedByWhatCounts(one: String, other: String, areSame: Bool) throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(aor: one))
    let answer = try registrar.answer(to: Register(aor: other, contacts: ["<sip:b@192.0.2.8>"], callID: "two"))
    #expect(answer.texts(.contact).count == (areSame ? 2 : 1))
    #expect(registrar.statistics(at: .origin).addressesOfRecord == (areSame ? 1 : 2))
  }

  @Test func everyAddressOfRecordOfManyIsFoundAgain() throws {
    var registrar = Self.registrar()
    let count: UInt32 = 3_000
    for cSeq in 1...2 as ClosedRange<UInt32> {
      for number in 0..<count {
        _ = try registrar.send(Register(aor: "sip:user\(number)@example.net", callID: "call\(number)", cSeq: cSeq))
      }
    }
    let statistics = registrar.statistics(at: .origin)
    #expect((statistics.addressesOfRecord, statistics.bindings) == (3_000, 3_000))
    #expect((statistics.counters.registrations, statistics.counters.refreshes) == (3_000, 3_000))
    #expect(Set(registrar.bindings(at: .origin).map(\.addressOfRecord)).count == 3_000)
  }

  @Test func aBindingThatChangesHandsIsListedWithWhatIsNew() throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(contacts: ["<sip:alice@192.0.2.7>;q=0.5"]))
    let other = Register(
      contacts: ["<sip:%61lice@192.0.2.7>;q=0.9"], callID: "other@192.0.2.7", others: ["Path: <sip:p.example;lr>"])
    #expect(try registrar.answer(to: other).texts(.contact) == ["<sip:alice@192.0.2.7>;q=0.9;expires=600"])
    let bindings = registrar.bindings(at: .origin)
    #expect(bindings.map(\.callID) == ["other@192.0.2.7"])
    #expect(bindings.map(\.path) == [["<sip:p.example;lr>"]])
  }

  @Test func contactsAreComparedAsURIs() throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(contacts: ["<sip:%61lice@Host.example:5060;x=1>"]))
    let answer = try registrar.answer(to: Register(contacts: ["<sip:alice@host.EXAMPLE:5060>"], cSeq: 2))
    #expect(answer.texts(.contact).count == 1)
    #expect(registrar.statistics(at: .origin).counters.refreshes == 1)
  }

  @Test func severalContactsLiveAndGoOneByOne() throws {
    var registrar = Self.registrar()
    let both = ["<sip:a@192.0.2.7>;expires=30", "<sip:b@192.0.2.7>;+sip.instance=\"<urn:x>\""]
    _ = try registrar.answer(to: Register(contacts: both))
    #expect(
      registrar.bindings(at: .origin).map(\.contact) == ["sip:a@192.0.2.7", "sip:b@192.0.2.7"])
    let removal = Register(contacts: ["<sip:a@192.0.2.7>;expires=0"], cSeq: 2)
    #expect(
      try registrar.answer(to: removal).texts(.contact) == ["<sip:b@192.0.2.7>;+sip.instance=\"<urn:x>\";expires=600"])
    #expect(registrar.statistics(at: .origin).counters.removed == 1)
  }

  @Test func aContactNamedTwiceIsBoundOnce() throws {
    var registrar = Self.registrar()
    let twice = ["<sip:a@192.0.2.7>;expires=30", "<sip:a@192.0.2.7>;expires=90"]
    #expect(
      try registrar.answer(to: Register(contacts: twice)).texts(.contact) == ["<sip:a@192.0.2.7>;expires=90"])
  }

  @Test func theStarRemovesEverythingAndOnlyWithExpiresZero() throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(contacts: ["<sip:a@192.0.2.7>", "<sip:b@192.0.2.7>"]))
    let contacts = [["*"], ["*", "<sip:a@192.0.2.7>"]]
    for (list, expires) in [(contacts[0], 600), (contacts[1], 0), (contacts[0], nil)] as [([String], UInt32?)] {
      #expect(try registrar.answer(to: Register(contacts: list, expires: expires, cSeq: 2)).status == 400)
    }
    let removal = Register(contacts: ["*"], expires: 0, callID: "other@192.0.2.7", cSeq: 1)
    #expect(try registrar.answer(to: removal).texts(.contact).isEmpty)
    #expect(registrar.statistics(at: .origin).bindings == 0)
    #expect(registrar.statistics(at: .origin).counters.removed == 2)
  }

  @Test func aBindingThatNobodyRefreshedIsALapse() throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(expires: 60))
    _ = try registrar.answer(to: Register(expires: 60, cSeq: 2), at: 50)
    #expect(registrar.statistics(afterSeconds: 109).counters.lapses == 0)
    let late = registrar.statistics(afterSeconds: 110)
    #expect(late.counters.lapses == 1)
    #expect((late.bindings, late.addressesOfRecord) == (0, 1))
    #expect(late.leastRefreshLead == .seconds(10))
  }

  @Test func whatHadEndedBeforeARebootIsALapseToo() throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(expires: 60))
    registrar.reboot(at: .init(nanoseconds: 61_000_000_000))
    #expect(registrar.statistics(afterSeconds: 9000).counters.lapses == 1)
  }

  @Test func pathIsKeptAndReturned() throws {
    var registrar = Self.registrar()
    let path = ["<sip:p2.example;lr>", "<sip:p1.example;lr>"]
    let answer = try registrar.answer(to: Register(others: ["Path: \(path[0])", "Path: \(path[1])"]))
    #expect(answer.texts(.path) == path)
    #expect(registrar.bindings(at: .origin).map(\.path) == [path])
  }

  @Test func aRebootForgetsBindingsButNotWhatWasSeen() throws {
    var registrar = Self.registrar()
    _ = try registrar.answer(to: Register(cSeq: 7))
    registrar.reboot(at: .origin)
    #expect(registrar.statistics(afterSeconds: 9000).counters.lapses == 0)
    #expect(try registrar.answer(to: Register(callID: "new@192.0.2.7")).status == 200)
    #expect(registrar.statistics(at: .origin).counters.callIDChanges == 1)
  }

  /// The method, and the status of the answer; nil: none.
  @Test(arguments: [("OPTIONS", 200), ("INVITE", 405), ("CANCEL", 481), ("ACK", nil)] as [(String, Int?)])
  func otherMethodsAreAnsweredToo(method: String, status: Int?) throws {
    var registrar = Self.registrar()
    let text = String(decoding: Register().bytes, as: UTF8.self).replacing("REGISTER", with: method)
    let outbound = registrar.receive(Array(text.utf8), over: client, at: .origin)
    #expect(try outbound.flatMap { try Message(parsing: $0.bytes).status } == status)
  }

  @Test func whatIsNoMessageIsCountedAndDropped() {
    var registrar = Self.registrar()
    #expect(registrar.receive(Array("hello\r\n\r\n".utf8), over: client, at: .origin) == nil)
    #expect(registrar.statistics(at: .origin).counters.malformed == 1)
  }

  @Test func faultsComeAndGo() throws {
    var registrar = Self.registrar()
    registrar.faults.isUnavailable = true
    registrar.faults.retryAfter = 5
    let down = try registrar.answer(to: Register())
    #expect(down.status == 503)
    #expect(down.retryAfter?.seconds == DeltaSeconds(5))
    registrar.faults = .none
    registrar.faults.minimumExpires = 900
    #expect(try registrar.answer(to: Register(cSeq: 2)).minExpires == DeltaSeconds(900))
    registrar.faults = .none
    #expect(try registrar.answer(to: Register(cSeq: 3)).status == 200)
    #expect(registrar.statistics(at: .origin).counters.refused == 2)
  }
}
