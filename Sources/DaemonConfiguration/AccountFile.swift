import Dispatch
import Glibc
import SIPUserAgent

/// A file of accounts, JSON Lines: one object a line, empty lines are passed over. A million of them are read by all
/// processors, a block of lines each; what comes of them is handed on in the order of the file.
struct AccountFile: ~Copyable {
  /// What one block came to.
  struct Part {
    var accounts: [(account: Account, isEnabled: Bool, line: Int)] = []
    var errors = ConfigurationErrors()
    var warnings = ConfigurationErrors()
  }

  /// Bytes of a file: some five million accounts as most are written.
  private static let longest = 1 << 30

  /// Lines of a block, in bytes: enough that handing it to a thread costs nothing beside it.
  private static let blockSize = 1 << 20

  /// Whom the file lets change it who should not.
  let door: OpenDoor?
  var mode: UInt32? { source.mode }
  private let source: ConfigurationSource
  private var lines: LineStream
  private var readers: [AccountReader]
  private let size: Int
  /// Bytes and accounts that have been read.
  private var read = (bytes: 0, accounts: 0)

  /// - Parameters:
  ///   - reader: with the defaults and the proxies; every thread has its own copy.
  ///   - processors: nil: all there are
  init(
    _ path: String, directory: String, reader: AccountReader, processors: Int? = nil
  ) throws(SourceFile.Failure) {
    let file = try SourceFile.open(path)
    if file.size > Self.longest { throw Self.tooLong }
    door = OpenDoor(path, file)
    // That others can read it is said once: by one reader.
    let count = file.isOpenToOthers ? 1 : processors ?? sysconf(Int32(_SC_NPROCESSORS_ONLN))
    readers = Array(repeating: reader, count: max(count, 1))
    source = ConfigurationSource(name: path, directory: directory, mode: file.mode)
    size = file.size
    lines = LineStream(file)
  }

  /// How many accounts are still to come, as far as those that came tell, and a few more.
  var expected: Int {
    guard read.bytes > 0, size > read.bytes else { return 0 }
    return (size - read.bytes) * read.accounts / read.bytes * 65 / 64
  }

  /// The next parts, in order; none at the end.
  mutating func next() throws(SourceFile.Failure) -> [Part] {
    let blocks = try nextBlocks()
    var parts = [Part](repeating: Part(), count: blocks.count)
    let source = source
    readers.withUnsafeMutableBufferPointer { readers in
      parts.withUnsafeMutableBufferPointer { parts in
        // Each iteration has a reader and a part of its own.
        nonisolated(unsafe) let (readers, parts) = (readers, parts)
        DispatchQueue.concurrentPerform(iterations: blocks.count) { index in
          parts[index] = blocks[index].read(by: &readers[index], source)
        }
      }
    }
    for (block, part) in zip(blocks, parts) {
      read.bytes += block.bytes.count + block.lines.count
      read.accounts += part.accounts.count
    }
    // It may grow while it is read.
    if read.bytes > Self.longest { throw Self.tooLong }
    return parts
  }

  private static var tooLong: SourceFile.Failure { .init(reason: "it is longer than \(longest >> 20) MiB") }

  /// One for each reader.
  private mutating func nextBlocks() throws(SourceFile.Failure) -> [Block] {
    var blocks: [Block] = []
    while blocks.count < readers.count, let block = try nextBlock() { blocks.append(block) }
    return blocks
  }

  private mutating func nextBlock() throws(SourceFile.Failure) -> Block? {
    var block = Block()
    while block.bytes.count < Self.blockSize, let line = try lines.next() {
      if lines.number == 1, TextEncoding.isUTF16(line) { throw .init(reason: "it \(TextEncoding.isUTF16)") }
      // A file of several, put together, has one at the beginning of each.
      let line = TextEncoding.withoutMark(line)
      if line.contains(where: { !" \t\r".utf8.contains($0) }) { block.append(line, number: lines.number) }
    }
    return block.lines.isEmpty ? nil : block
  }
}

/// Some lines and their numbers.
private struct Block: Sendable {
  private(set) var bytes: [UInt8] = []
  private(set) var lines: [(end: Int, number: Int)] = []

  mutating func append(_ line: ArraySlice<UInt8>, number: Int) {
    bytes += line
    lines.append((bytes.count, number))
  }

  func read(by reader: inout AccountReader, _ source: ConfigurationSource) -> AccountFile.Part {
    var part = AccountFile.Part()
    part.accounts.reserveCapacity(lines.count)
    let list = ErrorList()
    var start = 0
    for (end, number) in lines {
      do {
        let line = bytes[start..<end]
        if let (account, isEnabled) = try reader.readAccount(line, number: number, of: source, list: list) {
          part.accounts.append((account, isEnabled, number))
        }
      } catch {
        list.errors.append(ConfigurationError(error, in: source.name))
      }
      start = end
    }
    part.errors = list.errors
    part.warnings = list.warnings
    return part
  }
}

extension ConfigurationError {
  init(_ failure: ReadingFailure, in file: String) {
    self.init(file: file, line: failure.line, message: "\(failure.message) (column \(failure.column))")
  }
}
