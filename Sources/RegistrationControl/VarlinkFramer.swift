/// Cuts a byte stream into Varlink messages: each is one JSON object and ends with a NUL byte (https://varlink.org,
/// "Wire Protocol"). It looks at no JSON.
package struct VarlinkFramer: Sendable {
  /// The longest message that the daemon reads. Its own replies stay far below.
  package static let maximumRequest = 1 << 20
  /// The longest message that a client reads: a chunk of `List` with room for any reason phrase.
  package static let maximumReply = 8 << 20

  private let limit: Int
  private var buffer: [UInt8] = []
  private var start = 0
  /// No NUL stands before this index.
  private var searched = 0

  package init(limit: Int = maximumRequest) {
    self.limit = limit
  }

  package mutating func append(_ bytes: some Sequence<UInt8>) {
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 16)
      start = 0
      searched = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole message without its NUL, or nil when more bytes are needed.
  package mutating func next() throws(VarlinkDefect) -> [UInt8]? {
    guard let end = buffer[searched...].firstIndex(of: 0) else {
      searched = buffer.count
      guard buffered <= limit else { throw .tooLong(limit: limit) }
      compact()
      return nil
    }
    guard end - start <= limit else { throw .tooLong(limit: limit) }
    let frame = Array(buffer[start..<end])
    start = end + 1
    searched = start
    return frame
  }

  /// Bytes that wait to be taken: a bound on them bounds what a client can make the daemon keep.
  package var buffered: Int { buffer.count - start }

  private mutating func compact() {
    guard start > 0 else { return }
    buffer.removeFirst(start)
    searched -= start
    start = 0
  }
}

/// Bytes that are no Varlink message. There is no answer to them: the connection is closed.
package enum VarlinkDefect: Error, Sendable, Equatable {
  case tooLong(limit: Int)
  case tooDeep(limit: Int)
  case notAMessage
}

extension VarlinkDefect: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tooLong(let limit): "the message is longer than \(limit) bytes"
    case .tooDeep(let limit): "the message is nested deeper than \(limit) levels"
    case .notAMessage: "the bytes are no Varlink message"
    }
  }
}
