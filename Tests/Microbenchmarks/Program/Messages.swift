import SIPMessage
import SIPTransaction

extension Benchmark {
  static let accepted = Array(
    """
    SIP/2.0 200 OK\r
    Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK0000000100000001a1b2c3d4e5f60718;rport=5060;received=127.0.0.1\r
    From: <sip:user0000001@bench.invalid>;tag=a1b2c3d4e5f60718\r
    To: <sip:user0000001@bench.invalid>;tag=0718293a4b5c6d7e\r
    Call-ID: 1f0e2d3c-4b5a-4697-8899-aabbccddeeff@bench.invalid\r
    CSeq: 4711 REGISTER\r
    Contact: <sip:user0000001@127.0.0.1:5060;x-reg=a1b2c3d4>;expires=3600\r
    Content-Length: 0\r
    \r

    """.utf8)

  /// A response up to where the transaction layer has looked at it.
  @Sendable static func parse(_ count: Int) throws -> () throws -> Void {
    {
      for _ in 0..<count {
        let message = try Message(parsing: accepted)
        let essentials = try message.essentials()
        precondition(essentials.via.branch != nil && essentials.cSeq.number == 4711)
      }
    }
  }

  /// A response to a request, written.
  @Sendable static func serialise(_ count: Int) throws -> () throws -> Void {
    let request = try Message(
      parsing: Array(
        """
        OPTIONS sip:user0000001@127.0.0.1:5060 SIP/2.0\r
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKa1b2c3d4\r
        Max-Forwards: 70\r
        From: <sip:edge@bench.invalid>;tag=1\r
        To: <sip:user0000001@bench.invalid>\r
        Call-ID: 1f0e2d3c@bench.invalid\r
        CSeq: 1 OPTIONS\r
        Content-Length: 0\r
        \r

        """.utf8))
    let peer = Endpoint(address: .v4(0x7F00_0001), port: 5070)
    return {
      for _ in 0..<count {
        let bytes = request.response(status: 200, reason: "OK", toTag: "a1b2c3d4", receivedFrom: peer, adding: [])
        precondition(bytes.count > 100)
      }
    }
  }

  /// Sent, repeated, answered: the machine of §17.1.2 alone.
  @Sendable static func transaction(_ count: Int) throws -> () throws -> Void {
    {
      for number in 0..<count {
        var now = Instant(nanoseconds: UInt64(number) * 1_000_000)
        var machine = NonInviteClientTransaction(timers: .standard, isReliable: false, now: now)
        for _ in 0..<2 {
          now = machine.deadline ?? now
          _ = machine.timerFired(timers: .standard, now: now)
        }
        _ = machine.received(.final)
        precondition(!machine.isUnanswered)
      }
    }
  }
}
