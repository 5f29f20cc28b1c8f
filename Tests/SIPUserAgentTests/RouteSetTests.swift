import SIPMessage
import SIPUserAgent
import Testing

/// RFC 3261 §8.1.2 and §12.2.1.1: where a request goes and what stands in it.
@Suite struct RouteSetTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var proxies: [String]
    var requestURI: String
    var routes: [String]
    var nextHop: String

    var testDescription: String { name }
  }

  static let rows = [
    Row(name: "none", proxies: [], requestURI: "sip:example.test", routes: [], nextHop: "sip:example.test"),
    Row(
      name: "loose", proxies: ["sip:a.test;lr"], requestURI: "sip:example.test", routes: ["sip:a.test;lr"],
      nextHop: "sip:a.test;lr"),
    Row(
      name: "strict", proxies: ["sip:a.test"], requestURI: "sip:a.test", routes: ["sip:example.test"],
      nextHop: "sip:a.test"),
    Row(
      name: "strict, with what a Request-URI may not have", proxies: ["sip:a.test;method=INVITE;maddr=10.0.0.1?X=y"],
      requestURI: "sip:a.test;maddr=10.0.0.1", routes: ["sip:example.test"],
      nextHop: "sip:a.test;method=INVITE;maddr=10.0.0.1?X=y"),
    Row(
      name: "chain of two", proxies: ["sip:a.test;lr", "sip:b.test;lr"], requestURI: "sip:example.test",
      routes: ["sip:a.test;lr", "sip:b.test;lr"], nextHop: "sip:a.test;lr"),
    Row(
      name: "loose, then strict", proxies: ["sip:a.test;lr", "sip:b.test"], requestURI: "sip:example.test",
      routes: ["sip:a.test;lr", "sip:b.test"], nextHop: "sip:a.test;lr"),
    Row(
      name: "strict, then loose", proxies: ["sip:a.test", "sip:b.test;lr"], requestURI: "sip:a.test",
      routes: ["sip:b.test;lr", "sip:example.test"], nextHop: "sip:a.test"),
    Row(
      name: "lr with a value", proxies: ["sip:a.test;LR=on"], requestURI: "sip:example.test",
      routes: ["sip:a.test;LR=on"], nextHop: "sip:a.test;LR=on"),
  ]

  @Test(arguments: rows) func everyChain(row: Row) throws {
    let set = RouteSet(proxies: try row.proxies.map { try URI($0) })
    let target = try URI("sip:example.test")
    let application = set.applied(to: target)
    #expect(application.requestURI.description == row.requestURI)
    #expect(application.routes.map(\.description) == row.routes)
    #expect(set.nextHop(toward: target).description == row.nextHop)
  }

  @Test(arguments: rows) func theREGISTERSaysSo(row: Row) throws {
    var bench = try Bench { $0.routes = [RouteSet(proxies: try row.proxies.map { try URI($0) })] }
    bench.start()
    bench.locate()
    let request = try bench.lastRequest()
    #expect(try request.requestURI().description == row.requestURI)
    #expect(try request.routes().map(\.uri.description) == row.routes)
    #expect(try request.to().uri.description == "sip:alice@example.test")
  }

  @Test func aMissingLrIsAdded() throws {
    #expect(try URI("sip:a.test").addingLooseRouting().description == "sip:a.test;lr")
    #expect(
      try URI("sip:a.test;transport=tcp?X=y").addingLooseRouting().description == "sip:a.test;transport=tcp;lr?X=y")
    #expect(try URI("sip:a.test;lr=on").addingLooseRouting().description == "sip:a.test;lr=on")
  }
}
