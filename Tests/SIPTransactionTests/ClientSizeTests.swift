import Testing

@testable import SIPTransaction

/// A million registrations wait for their answers: what only an INVITE has must not be paid for by each of them.
@Suite struct ClientSizeTests {
  @Test func theClientOfARegisterIsNotLargerThanItNeedsToBe() {
    #expect(MemoryLayout<NonInviteClientTransaction>.size <= 41)
    #expect(MemoryLayout<ClientMachine>.stride <= 56)
    #expect(MemoryLayout<TransactionLayer.Client>.stride <= 160)
  }
}
