import Testing

@testable import RegistrationControl

@Suite struct VarlinkFramerTests {
  private let stream = Array(#"{"method":"a"}"#.utf8) + [0] + Array("{}".utf8) + [0]

  @Test func findsTheSameMessagesWhereverTheStreamIsSplit() throws {
    for split in 0...stream.count {
      var framer = VarlinkFramer()
      var frames: [[UInt8]] = []
      for part in [stream[..<split], stream[split...]] {
        framer.append(part)
        while let frame = try framer.next() { frames.append(frame) }
      }
      #expect(frames == [Array(#"{"method":"a"}"#.utf8), Array("{}".utf8)], "split at \(split)")
      #expect(framer.buffered == 0)
    }
  }

  @Test func findsTheSameMessagesByteByByte() throws {
    var framer = VarlinkFramer()
    var frames: [[UInt8]] = []
    for byte in stream {
      framer.append([byte])
      while let frame = try framer.next() { frames.append(frame) }
    }
    #expect(frames.count == 2)
  }

  @Test func takesAMessageOfExactlyTheLimitAndNoLonger() throws {
    var framer = VarlinkFramer(limit: 8)
    framer.append(Array(repeating: UInt8(ascii: "x"), count: 8))
    #expect(try framer.next() == nil)
    framer.append([0])
    #expect(try framer.next()?.count == 8)
    framer.append(Array(repeating: UInt8(ascii: "x"), count: 9) + [0])
    #expect(throws: VarlinkDefect.tooLong(limit: 8)) { try framer.next() }
  }

  @Test func doesNotWaitForTheEndOfAMessageThatIsAlreadyTooLong() {
    var framer = VarlinkFramer(limit: 8)
    framer.append(Array(repeating: UInt8(ascii: "x"), count: 9))
    #expect(throws: VarlinkDefect.tooLong(limit: 8)) { try framer.next() }
  }

  @Test func countsOnlyWhatWaits() throws {
    var framer = VarlinkFramer(limit: 4)
    for _ in 0..<100 {
      framer.append([65, 65, 65, 0])
      #expect(try framer.next() == [65, 65, 65])
    }
    framer.append([66])
    #expect(try framer.next() == nil)
    #expect(framer.buffered == 1)
  }
}
