import SIPMessage
import SIPUserAgent
import Testing

@testable import ShardCore

/// What is told, of whom, and in which order things leave.
@Suite struct ReportTests {
  @Test func routineIsReportedOnlyWhereSomebodyReadsIt() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    #expect(bench.happenings.map(\.report.weight) == [.progress])
    for leastRead in [Report.Weight.notable, .progress, .routine] {
      bench.advance(.seconds(5))
      bench.handle(.want(.refresh, of: [id]))
      bench.locate()
      #expect(try accepted(&bench, leastRead: leastRead) == (leastRead == .routine ? 1 : 0))
    }
  }

  @Test func aFirstRegistrationIsNotReportedWhereOnlyTheNotableIsRead() throws {
    for leastRead in [Report.Weight.notable, .progress] {
      var bench = CoreBench()
      _ = bench.add(try CoreBench.account())
      bench.advance(.milliseconds(100))
      bench.locate()
      #expect(try accepted(&bench, leastRead: leastRead) == (leastRead == .progress ? 1 : 0))
    }
  }

  /// The last REGISTER is accepted. - Returns: how much is reported of that.
  private func accepted(_ bench: inout CoreBench, leastRead: Report.Weight) throws -> Int {
    let request = try bench.request()
    let contact = Array(request.first(.contact)?.text.utf8 ?? "".utf8)
    let response = request.response(
      status: 200, reason: "OK", toTag: "t", receivedFrom: CoreBench.local,
      adding: [(.contact, contact), (.expires, Array("600".utf8))])
    var outputs = Outputs()
    outputs.leastRead = leastRead
    bench.core.take(.received(response, Flow(target: CoreBench.peer)), now: bench.now, outputs: &outputs)
    return outputs.happenings.count
  }

  @Test func twoUnderOneCallIDKeepTheirOrder() throws {
    var bench = CoreBench()
    let id = try bench.register(try CoreBench.account())
    var outputs = Outputs()
    bench.core.handle(.want(.refresh, of: [id]), now: bench.now + .seconds(5), outputs: &outputs)
    #expect(!outputs.keepsOrder)
    bench.core.handle(.remove([id]), now: bench.now + .seconds(6), outputs: &outputs)
    #expect(outputs.keepsOrder)
    outputs.removeAll()
    #expect(!outputs.keepsOrder && outputs.sends.isEmpty)
  }

  @Test func aRequestOfSomebodyElseIsToldWithWhoseItIs() throws {
    var bench = CoreBench()
    _ = try bench.register(try CoreBench.account())
    let request = """
      INVITE sip:alice@192.0.2.1 SIP/2.0\r
      Via: SIP/2.0/UDP 192.0.2.100;branch=z9hG4bKx\r
      From: <sip:p@example.test>;tag=1\r
      To: <sip:alice@example.test>\r
      Call-ID: x\r
      CSeq: 1 INVITE\r
      Max-Forwards: 70\r
      Content-Length: 0\r
      \r\n
      """
    var outputs = Outputs()
    bench.core.take(
      .received(Array(request.utf8), Flow(target: CoreBench.peer)), now: bench.now, outputs: &outputs)
    #expect(outputs.sends.count == 1 && outputs.sends.allSatisfy { $0.client == nil })
    #expect(outputs.arrivals.map(\.account?.account.name) == ["alice"])
    #expect(outputs.arrivals.map(\.account?.state) == [.registered])
  }
}
