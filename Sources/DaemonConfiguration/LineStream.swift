import Glibc

/// The lines of a file, one at a time, with their numbers: memory stays at one block and one line however long the file.
struct LineStream: ~Copyable {
  /// An account is a few hundred bytes; what is longer is not a file of accounts.
  static let maximumLineLength = 65_536
  private static let blockSize = 262_144

  private let file: SourceFile
  private var buffer: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  /// The number of the line that `next` returned last.
  private(set) var number = 0

  init(_ file: consuming SourceFile) {
    self.file = file
  }

  /// The next line without its line feed; nil at the end. A line that is too long comes as its beginning, one byte longer
  /// than the limit.
  mutating func next() throws(SourceFile.Failure) -> ArraySlice<UInt8>? {
    var searched = start
    while true {
      if let end = lineFeed(from: searched) {
        number += 1
        defer { start = end + 1 }
        return buffer[start..<min(end, start + Self.maximumLineLength + 1)]
      }
      searched = buffer.count
      if isAtEnd {
        guard start < buffer.count else { return nil }
        number += 1
        defer { start = buffer.count }
        return buffer[start..<min(buffer.count, start + Self.maximumLineLength + 1)]
      }
      if start > 0 {
        buffer.removeFirst(start)
        searched -= start
        start = 0
      }
      if buffer.count > Self.maximumLineLength + 1 {
        // Only its beginning is kept while the rest of the line goes by.
        buffer.removeLast(buffer.count - Self.maximumLineLength - 1)
        searched = buffer.count
      }
      isAtEnd = try file.read(upTo: Self.blockSize, into: &buffer) == 0
    }
  }

  private func lineFeed(from index: Int) -> Int? {
    buffer.withUnsafeBytes { bytes -> Int? in
      guard index < bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + index, Int32(UInt8(ascii: "\n")), bytes.count - index)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }
}
