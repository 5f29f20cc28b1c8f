import SIPMessage
import Testing

@testable import SIPUserAgent

/// What a registrar grants beside the binding is known until a 2xx does not repeat it.
@Suite struct GrantedTests {
  private static let host = UUID(upper: 1, lower: 2)

  private static func accept(_ bench: inout Bench, _ fields: [(HeaderName, String)], contact: String = "") throws {
    let own = try #require(bench.lastRequest().first(.contact)).text
    try bench.respond(200, [(.contact, own + contact), (.expires, "600")] + fields)
    bench.store()
  }

  private static func refresh(_ bench: inout Bench) {
    bench.handle(.refresh(Bench.id))
    bench.advance(.seconds(6))
    bench.locate()
  }

  @Test func pathAndFurtherAddressesAreTakenAndCleared() throws {
    var bench = try Bench.registering()
    try Self.accept(
      &bench,
      [
        (.path, "<sip:edge.test;lr>, <sip:core.test;lr>"), (.pAssociatedURI, "<sip:+1555@example.test>, <tel:+1555>"),
      ])
    let granted = try #require(bench.status?.granted)
    #expect(granted.path == ["<sip:edge.test;lr>", "<sip:core.test;lr>"])
    #expect(granted.associatedURIs == ["<sip:+1555@example.test>", "<tel:+1555>"])
    #expect(granted.publicGRUU == nil)
    Self.refresh(&bench)
    try Self.accept(&bench, [(.pAssociatedURI, "<sip:+1666@example.test>")])
    #expect(bench.status?.granted?.path == [])
    #expect(bench.status?.granted?.associatedURIs == ["<sip:+1666@example.test>"])
    Self.refresh(&bench)
    try Self.accept(&bench, [])
    #expect(bench.status?.granted == nil)
  }

  @Test func GRUUsAreThoseOfOurInstance() throws {
    var bench = try Bench.registering { $0.outbound = OutboundFlow(host: Self.host, flows: 1) }
    let own = try #require(bench.lastRequest().first(.contact)).text
    let foreign = #"<sip:x@192.0.2.9>;+sip.instance="<urn:uuid:0>";pub-gruu="sip:x@example.test;gr=0";expires=60"#
    let gruus = #";pub-gruu="sip:alice@example.test;gr=urn:uuid:1";temp-gruu="sip:tgruu.7@example.test;gr";expires=600"#
    try bench.respond(200, [(.contact, foreign), (.contact, own + gruus)])
    #expect(bench.status?.granted?.publicGRUU == "sip:alice@example.test;gr=urn:uuid:1")
    #expect(bench.status?.granted?.temporaryGRUU == "sip:tgruu.7@example.test;gr")
  }

  @Test func theQuotesOfANameAndOfAParameterStay() throws {
    var bench = try Bench.registering()
    let uri = #""A" <sip:+1555@example.test>;x="y""#
    try Self.accept(&bench, [(.pAssociatedURI, uri)])
    #expect(bench.status?.granted?.associatedURIs == [uri])
  }

  @Test func whatIsEndlessIsLeftOut() throws {
    var bench = try Bench.registering()
    let long = "<sip:" + String(repeating: "a", count: Granted.Limits.length) + ">"
    let many = (0..<20).map { "<sip:\($0)@example.test>" }.joined(separator: ", ")
    try Self.accept(&bench, [(.path, long), (.pAssociatedURI, many)])
    #expect(bench.status?.granted?.path == [])
    #expect(bench.status?.granted?.associatedURIs.count == Granted.Limits.values)
  }

  @Test func allOfItTogetherHasALimit() throws {
    var bench = try Bench.registering()
    let long = (0..<8).map { "<sip:\($0)\(String(repeating: "a", count: 300))>" }
    try Self.accept(
      &bench, [(.path, long.joined(separator: ", ")), (.pAssociatedURI, long.joined(separator: ", "))])
    let granted = try #require(bench.status?.granted)
    #expect(granted.path == Array(long[..<6]))
    #expect(granted.associatedURIs.isEmpty)
    var length = 0
    granted.forEach { length += $1.utf8.count }
    #expect(length <= Granted.Limits.whole)
  }

  // MARK: What survives

  /// A record knows no numbers of profiles. Without its own a binding would be taken for one that has moved.
  @Test func aRestoredBindingIsHeldOnTheTermsOfItsRoute() throws {
    let former = try Bench.registered()
    let profile = ProfileID(number: 3)
    var bench = try Bench { $0.routes = [RouteSet(proxies: [], profile: profile)] }
    bench.now = former.now + .seconds(10)
    bench.start(former.record)
    var targets: [Target] = []
    bench.agent.forEachBinding { targets.append($1.target) }
    #expect(targets.map(\.profile) == [profile])
    #expect(former.record?.binding.map { targets[0].leads(to: $0.target) } == true)
  }

  @Test func aRestartKnowsWhatWasGranted() throws {
    var former = try Bench.registering()
    try Self.accept(&former, [(.path, "<sip:edge.test;lr>"), (.pAssociatedURI, "<tel:+1555>")])
    var bench = try Bench()
    bench.now = former.now + .seconds(10)
    bench.start(former.record)
    #expect(bench.sent.isEmpty)
    #expect(bench.status?.granted == former.status?.granted)
    #expect(bench.status?.granted?.path == ["<sip:edge.test;lr>"])
    // A refresh that does not repeat it takes it away, from what is stored, too.
    Self.refresh(&bench)
    bench.store()
    bench.locate()
    try Self.accept(&bench, [])
    #expect(bench.status?.granted == nil)
    #expect(bench.record?.granted == nil)
  }

  @Test func aRestartWithoutTheBindingKnowsNothingOfIt() throws {
    var former = try Bench.registering()
    try Self.accept(&former, [(.path, "<sip:edge.test;lr>")])
    var bench = try Bench()
    bench.now = former.now + .seconds(601)
    bench.start(former.record)
    #expect(bench.status?.granted == nil)
    bench.locate()
    try Self.accept(&bench, [])
    #expect(bench.status?.binding != nil)
    #expect(bench.status?.granted == nil)
  }

  /// The record as a whole, or a renewal only.
  @Test(
    arguments: [
      ("the same", #";pub-gruu="sip:a@b;gr=1";temp-gruu="sip:t1@b;gr""#, false),
      ("another temporary one", #";pub-gruu="sip:a@b;gr=1";temp-gruu="sip:t2@b;gr""#, false),
      ("another public one", #";pub-gruu="sip:a@b;gr=2";temp-gruu="sip:t1@b;gr""#, true),
      ("no temporary one", #";pub-gruu="sip:a@b;gr=1""#, true),
      ("none", "", true),
    ])
  func onlyNewsAreStored(what: String, parameters: String, isStored: Bool) throws {
    var bench = try Bench.registering { $0.outbound = OutboundFlow(host: Self.host, flows: 1) }
    try Self.accept(&bench, [], contact: #";pub-gruu="sip:a@b;gr=1";temp-gruu="sip:t1@b;gr""#)
    Self.refresh(&bench)
    bench.record = nil
    try Self.accept(&bench, [], contact: parameters)
    #expect((bench.record != nil) == isStored, "\(what)")
  }

  @Test func noBindingNothingGranted() throws {
    var bench = try Bench.registering()
    try Self.accept(&bench, [(.path, "<sip:edge.test;lr>")])
    bench.handle(.pause(Bench.id))
    bench.locate()
    try bench.respond(200, [(.expires, "0")])
    #expect(bench.status?.granted == nil)
  }
}
