import SIPMessage
import Testing

@Suite struct MessageFramerTests {
  static let first = Array("OPTIONS sip:a SIP/2.0\r\nContent-Length: 5\r\n\r\nhello".utf8)
  static let second = Array("SIP/2.0 200 OK\r\nl :\r\n 0\r\n\r\n".utf8)
  static let ping = Array("\r\n\r\n".utf8)

  static func frames(_ framer: inout MessageFramer) throws -> [MessageFramer.Frame] {
    var frames: [MessageFramer.Frame] = []
    while let frame = try framer.next() { frames.append(frame) }
    return frames
  }

  @Test func aStreamIsCutTheSameHoweverItComes() throws {
    let stream = Self.first + Self.ping + Self.second + Self.first
    let expected: [MessageFramer.Frame] = [.message(Self.first), .ping, .message(Self.second), .message(Self.first)]
    for split in 0...stream.count {
      var framer = MessageFramer()
      framer.append(stream[..<split])
      var frames = try Self.frames(&framer)
      framer.append(stream[split...])
      frames += try Self.frames(&framer)
      #expect(frames == expected, "split at \(split)")
      #expect(framer.pendingBytes == 0)
    }
    var framer = MessageFramer()
    var frames: [MessageFramer.Frame] = []
    for byte in stream {
      framer.append([byte])
      frames += try Self.frames(&framer)
    }
    #expect(frames == expected)
  }

  @Test(
    arguments: [
      ("Content-Length: -1", .badContentLength), ("Content-Length: 9223372036854775808", .badContentLength),
      ("Content-Length: 5\r\nContent-Length: 5", .badContentLength), ("Content-Length: 0x5", .badContentLength),
      ("Content-Length:", .badContentLength), ("Content-Length: 1\r\nl: 2", .badContentLength),
      ("Subject: none", .missingContentLength), ("Content-Length: 70000", .messageTooLarge),
    ] as [(String, FramingError)])
  func whoeverLiesAboutTheLengthIsFound(line: String, error: FramingError) {
    var framer = MessageFramer()
    framer.append("OPTIONS sip:a SIP/2.0\r\n\(line)\r\n\r\nhello".utf8)
    #expect(throws: error) { try framer.next() }
  }

  @Test(arguments: [
    "left over", "left over SIP/2.0 200 OK", "v=0", " SIP/2.0 200 OK", "xSIP/2.0 200 OK", "SIP/2.SIP/2.0 200 OK",
    "SIP/2.0 401 UnaSIP/2.0 200 OK", "ia: SIP/2.0/TCP 192.0.2.1", "Contact: <sip:a> SIP/2.0", "GET / HTTP/1.1",
  ])
  func whatIsNeitherRequestNorResponseIsOutOfStepAtTheEndOfItsLine(line: String) throws {
    var framer = MessageFramer()
    framer.append(Self.first)
    #expect(try framer.next() == .message(Self.first))
    framer.append("\(line)\r".utf8)
    #expect(try framer.next() == nil)
    framer.append("\n".utf8)
    #expect(throws: FramingError.badStartLine) { try framer.next() }
  }

  @Test(arguments: [
    "OPTIONS sip:a SIP/2.0 ", "options  sip:a  b sip/2.0", "OPTIONS sip:a SIP/7.0", "SIP/2.0 999 ?", "sip/2.0 200",
    "SIP/2.0 200 OK\nVia: SIP/2.0/TCP a",
  ])
  func whatIsWrongWithinAStartLineIsNoMatterOfFraming(line: String) throws {
    var framer = MessageFramer()
    let message = Array("\(line)\r\nContent-Length: 0\r\n\r\n".utf8)
    framer.append(message)
    #expect(try framer.next() == .message(message))
  }

  @Test func aHeaderWithoutEndIsRefusedBeforeItCostsMemory() throws {
    var framer = MessageFramer()
    #expect(throws: FramingError.headerTooLarge) {
      for _ in 0..<10_000 {
        framer.append("aaaaaaaaaaaaaaaa".utf8)
        _ = try framer.next()
      }
    }
    #expect(framer.pendingBytes <= Limits.standard.headerSize + 16)
  }

  /// Some servers keep connections alive so.
  @Test(arguments: ["\0", "\r\n\0", "\0\0\0\r\n\0"])
  func noughtsBetweenMessagesAreDropped(noughts: String) throws {
    let stream = Array(noughts.utf8) + Self.first + Array(noughts.utf8) + Self.first
    for split in 0...stream.count {
      var framer = MessageFramer()
      framer.append(stream[..<split])
      var frames = try Self.frames(&framer)
      framer.append(stream[split...])
      frames += try Self.frames(&framer)
      #expect(frames == [.message(Self.first), .message(Self.first)], "split at \(split)")
    }
  }

  @Test func aLineEndBeforeAMessageIsDropped() throws {
    var framer = MessageFramer()
    framer.append(Array("\r\n".utf8) + Self.first)
    #expect(try Self.frames(&framer) == [.message(Self.first)])
  }
}
