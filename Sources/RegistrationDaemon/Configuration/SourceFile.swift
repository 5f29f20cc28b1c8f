import Glibc

/// A file of the configuration, open for reading. Its mode is asked of the open descriptor, so that what was checked is
/// what is read.
struct SourceFile: ~Copyable {
  private let descriptor: Int32
  /// The permission bits.
  let mode: mode_t
  /// In bytes; 0 for what is no file on a disk.
  let size: Int

  struct Failure: Error {
    /// As the system says it: "No such file or directory".
    let reason: String

    init(reason: String) { self.reason = reason }

    init(code: Int32) { reason = String(cString: strerror(code)) }

    static func current() -> Failure { Failure(code: errno) }
  }

  static func open(_ path: String) throws(Failure) -> SourceFile {
    // An embedded NUL would name another file than the one that is shown.
    guard !path.utf8.contains(0) else { throw Failure(reason: "the path contains a NUL") }
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .current() }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let failure = Failure.current()
      close(descriptor)
      throw failure
    }
    return SourceFile(descriptor: descriptor, mode: status.st_mode & 0o7777, size: Int(status.st_size))
  }

  private init(descriptor: Int32, mode: mode_t, size: Int) {
    self.descriptor = descriptor
    self.mode = mode
    self.size = size
  }

  deinit { close(descriptor) }

  /// The permissions of users who are neither the owner nor of the file's group to read or change it.
  static let openToOthers: mode_t = 0o006

  var isOpenToOthers: Bool { mode & Self.openToOthers != 0 }

  /// Appends at most so many bytes; returns how many, 0 at the end.
  func read(upTo count: Int, into bytes: inout [UInt8]) throws(Failure) -> Int {
    let result = withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { block -> Result<Int, Failure> in
      while true {
        let length = Glibc.read(descriptor, block.baseAddress, count)
        if length < 0, errno == EINTR { continue }
        if length < 0 { return .failure(.current()) }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: block[..<length]))
        return .success(length)
      }
    }
    return try result.get()
  }

  /// The whole file; nil when it is longer than the limit.
  func readAll(limit: Int) throws(Failure) -> [UInt8]? {
    var bytes: [UInt8] = []
    while try read(upTo: 65_536, into: &bytes) > 0 {
      if bytes.count > limit { return nil }
    }
    return bytes
  }
}

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
