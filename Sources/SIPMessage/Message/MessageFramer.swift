/// Why a stream can not be read any further: whoever finds this closes the connection.
package enum FramingError: Error, Equatable, Sendable {
  case headerTooLarge
  case messageTooLarge
  case missingContentLength
  case badContentLength
  /// What begins where a message should is neither a request nor a response: the stream is out of step.
  case badStartLine
}

/// Cuts a byte stream into messages by Content-Length (RFC 3261 §18.3), and finds the keep-alives between them
/// (RFC 5626 §3.5.1). Whatever lies about its length ends the connection, and so does what is left of such a message; there
/// is no guessing where the next begins.
package struct MessageFramer: Sendable {
  package enum Frame: Sendable, Equatable {
    case message([UInt8])
    /// Double CRLF, to be answered by one CRLF.
    case ping
  }

  private let limits: Limits
  private var buffer: [UInt8] = []
  private var position = 0
  /// Where the search for the end of the header section goes on, so that a slow sender costs no more than a fast one.
  private var searched = 0
  private var startLineIsRead = false
  /// Line ends between messages that were no ping: answers to pings, or stray ones.
  package private(set) var lineEnds = 0

  package init(limits: Limits = .standard) { self.limits = limits }

  /// Bytes that wait for the rest of their message.
  package var pendingBytes: Int { buffer.count - position }
  package var pending: ArraySlice<UInt8> { buffer[position...] }

  package mutating func append(_ bytes: some Collection<UInt8>) {
    if position > 0 {
      buffer.removeFirst(position)
      searched = max(searched - position, 0)
      position = 0
    }
    buffer += bytes
  }

  /// The next whole message or keep-alive; nil until more bytes come.
  package mutating func next() throws(FramingError) -> Frame? {
    while true {
      // Some keep a connection alive with NUL behind a line end. No message begins with it.
      if position < buffer.count, buffer[position] == 0 {
        position += 1
        continue
      }
      guard isCRLF(position) else { break }
      // A single CRLF is a pong or a stray line end; it is dropped once what follows shows that it is no ping.
      guard position + 2 < buffer.count else { return nil }
      if isCRLF(position + 2) {
        position += 4
        return .ping
      }
      if buffer[position + 2] == 0x0D, position + 3 == buffer.count { return nil }
      position += 2
      lineEnds += 1
    }
    guard let headerEnd = try findHeaderEnd() else { return nil }
    let length = try contentLength(position..<headerEnd)
    guard headerEnd - position + length <= limits.messageSize else { throw .messageTooLarge }
    guard buffer.count >= headerEnd + length else { return nil }
    let message = Array(buffer[position..<(headerEnd + length)])
    position = headerEnd + length
    searched = position
    startLineIsRead = false
    return .message(message)
  }

  /// Takes a line end behind which nothing has come yet. Whoever waits for the answer to a ping of its own need not see what
  /// follows in order to know it from the first half of a ping.
  package mutating func takeLineEnd() {
    guard pendingBytes == 2, isCRLF(position) else { return }
    position += 2
    searched = position
    lineEnds += 1
  }

  private func isCRLF(_ index: Int) -> Bool {
    index + 1 < buffer.count && buffer[index] == 0x0D && buffer[index + 1] == 0x0A
  }

  /// The index behind the empty line that ends the header section.
  private mutating func findHeaderEnd() throws(FramingError) -> Int? {
    var index = max(position, searched)
    while index + 1 < buffer.count {
      if isCRLF(index) {
        if !startLineIsRead { try checkStartLine(endingAt: index) }
        startLineIsRead = true
        if isCRLF(index + 2) {
          guard index + 4 - position <= limits.headerSize else { throw .headerTooLarge }
          return index + 4
        }
      }
      index += 1
    }
    // The last three bytes may belong to the end.
    searched = max(position, buffer.count - 3)
    guard buffer.count - position <= limits.headerSize else { throw .headerTooLarge }
    return nil
  }

  /// At the first line end of a message, whether or not it is whole. Who ends lines with LF alone ends this one there.
  private func checkStartLine(endingAt end: Int) throws(FramingError) {
    let line = buffer.span.extracting(position..<end)
    guard line.extracting(0..<(line.first(0x0A, in: 0..<line.count) ?? line.count)).beginsMessage else {
      throw .badStartLine
    }
  }

  private func contentLength(_ header: Range<Int>) throws(FramingError) -> Int {
    var found: Int?
    var start = header.lowerBound
    while start < header.upperBound {
      var end = start
      while !isCRLF(end) { end += 1 }
      // A fold belongs to the line above it.
      while end + 2 < header.upperBound, buffer[end + 2] == 0x20 || buffer[end + 2] == 0x09 {
        end += 2
        while !isCRLF(end) { end += 1 }
      }
      let line = buffer[start..<end]
      start = end + 2
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let name = line[..<colon].trimmed
      guard name.equalsIgnoringCase("Content-Length") || name.equalsIgnoringCase("l") else { continue }
      guard found == nil, let length: Int = line[(colon + 1)...].trimmed.decimal() else { throw .badContentLength }
      found = length
    }
    guard let found else { throw .missingContentLength }
    guard found <= limits.messageSize else { throw .messageTooLarge }
    return found
  }
}
