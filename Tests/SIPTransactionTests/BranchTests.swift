import SIPMessage
import SIPTransaction
import Testing

@Suite struct BranchTests {
  @Test(
    arguments: [
      Branch(slot: 0, serial: 0, chance: 0), Branch(slot: 1, serial: 2, chance: 3),
      Branch(slot: .max, serial: .max, chance: .max), Branch(slot: 77, serial: 0x8000_0000, chance: 1 << 63),
    ])
  func whatIsWrittenIsReadAgain(branch: Branch) {
    #expect(branch.description.count == 39)
    #expect(branch.description.hasPrefix("z9hG4bK"))
    #expect(Branch(Bytes(branch.description)) == branch)
    #expect(ClientTransactionID(token: branch.transaction.token) == branch.transaction)
  }

  @Test(
    arguments: [
      "", "z9hG4bK", "z9hG4bK776asdhds", "Z9hG4bK00000000000000000000000000000000",
      "z9hG4bK0000000000000000000000000000000", "z9hG4bK000000000000000000000000000000000",
      "z9hG4bK0000000000000000000000000000000g", "z9hG4bK0000000000000000000000000000000A",
      // A slot that is no Int32.
      "z9hG4bK80000000000000000000000000000000", "z9hG4bKffffffffffffffffffffffffffffffff",
    ])
  func whatWasNotMadeHereIsNone(text: String) {
    #expect(Branch(Bytes(text)) == nil)
  }

  @Test func onlySmallHexadecimalDigitsAreRead() {
    let text = Array(Branch(slot: 0x1234_5678, serial: 0x9ABC_DEF0, chance: 0x0F1E_2D3C_4B5A_6978).description.utf8)
    for index in 7..<text.count {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[index] = byte
        let isDigit = Array("0123456789abcdef".utf8).contains(byte)
        let isSlot = index > 7 || byte < UInt8(ascii: "8")
        let read = Branch(changed[...])
        #expect((read != nil) == (isDigit && isSlot))
        if let read { #expect(Array(read.description.utf8) == changed) }
      }
    }
  }
}
