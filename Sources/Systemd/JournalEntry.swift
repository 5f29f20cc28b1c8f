import Glibc

/// One entry of the journal as sd_journal_sendv(3) takes it: `NAME=value` items, here in one buffer.
struct JournalEntry {
  private(set) var bytes: [UInt8] = []
  private(set) var items: [Range<Int>] = []

  init(message: String, priority: Journal.Priority, fields: [Journal.Field]) throws(JournalError) {
    bytes.reserveCapacity(256)
    append("MESSAGE", message.onOneLine)
    append("PRIORITY", String(priority.rawValue))
    for field in fields {
      guard Self.isFieldName(field.name) else { throw .fieldName(field.name) }
      append(field.name, field.isVerbatim ? field.value : field.value.onOneLine)
    }
  }

  mutating func withVectors<Result>(_ body: (UnsafeBufferPointer<iovec>) -> Result) -> Result {
    let items = self.items
    return bytes.withUnsafeMutableBytes { buffer in
      items.map { item in iovec(iov_base: buffer.baseAddress.map { $0 + item.lowerBound }, iov_len: item.count) }
        .withUnsafeBufferPointer(body)
    }
  }

  private mutating func append(_ name: String, _ value: String) {
    let start = bytes.count
    bytes += name.utf8
    bytes.append(UInt8(ascii: "="))
    bytes += value.utf8
    items.append(start..<bytes.count)
  }

  /// `[A-Z][A-Z0-9_]*`, 64 bytes at most (systemd.journal-fields(7)). Names that begin with an underscore are what the
  /// journal itself vouches for.
  static func isFieldName(_ name: String) -> Bool {
    guard let first = name.utf8.first, isCapital(first), name.utf8.count <= 64 else { return false }
    return name.utf8.allSatisfy {
      isCapital($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
    }
  }

  private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
}
