import Testing

@testable import Datagrams

@Suite struct JoinRefusalsTests {
  private static func address(_ port: UInt16) -> DatagramAddress { .v4(0x7F00_0001, port: port) }

  @Test func anAddressIsRefusedForAWhileAndOthersAreNot() {
    var refusals = JoinRefusals()
    refusals.insert(Self.address(1))
    let answers = (0...JoinRefusals.patience).map { _ in refusals.takesAlone(Self.address(1)) }
    #expect(answers == [Bool](repeating: true, count: JoinRefusals.patience) + [false])
    refusals.insert(Self.address(1))
    let other = refusals.takesAlone(Self.address(2))
    #expect(!other)
  }

  @Test func latestIsKeptHoweverManyThereAre() {
    var refusals = JoinRefusals()
    let answers = (UInt16(1)...1_000).map { port in
      refusals.insert(Self.address(port))
      return refusals.takesAlone(Self.address(port))
    }
    #expect(!answers.contains(false))
  }
}
