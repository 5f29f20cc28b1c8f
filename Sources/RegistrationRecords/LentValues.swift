/// The texts and blobs of a row, one behind the other in memory that all rows use in turn. SQLite reads them where they
/// are while the statement runs.
struct LentValues {
  struct Value {
    let parameter: Int32
    let isText: Bool
    let range: Range<Int>
  }

  private(set) var bytes: [UInt8] = []
  private(set) var values: [Value] = []

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  mutating func text(at parameter: Int32, _ write: (inout [UInt8]) -> Void) {
    append(parameter, isText: true, write)
  }

  mutating func blob(at parameter: Int32, _ write: (inout [UInt8]) -> Void) {
    append(parameter, isText: false, write)
  }

  private mutating func append(_ parameter: Int32, isText: Bool, _ write: (inout [UInt8]) -> Void) {
    let start = bytes.count
    write(&bytes)
    values.append(Value(parameter: parameter, isText: isText, range: start..<bytes.count))
  }
}
