/// Names and values in two columns, the names aligned to the right. Values are neutralised here, and have a length.
struct FieldList {
  /// The longest that a value may get, in columns: a peer chooses some of them.
  static let limit = 1_000

  private var fields: [(name: String, lines: [Table.Cell])] = []

  mutating func append(_ name: String, _ lines: [String], _ paint: Paint = .plain) {
    guard !lines.isEmpty else { return }
    fields.append(
      (name, lines.map { Table.Cell(PlainText.clipped(PlainText.neutralised($0), to: Self.limit), paint) }))
  }

  mutating func append(_ name: String, _ value: String?, _ paint: Paint = .plain) {
    guard let value, !value.isEmpty else { return }
    append(name, [value], paint)
  }

  /// - Parameter width: of the terminal; nil: lines are as long as they are
  func rendered(_ palette: Palette, width: Int? = nil) -> String {
    let names = fields.reduce(0) { max($0, $1.name.count) }
    let room = width.map { max(WrappedText.narrowest, $0 - names - 2) }
    return fields.flatMap { field in
      let lines = field.lines.flatMap { line in
        WrappedText.lines(line.text, width: room).map { Table.Cell($0, line.paint) }
      }
      return lines.enumerated().map { index, line in
        let name = index == 0 ? field.name : ""
        let blanks = String(repeating: " ", count: names - name.count)
        return "\(blanks)\(palette.paint(name, .faint))  \(palette.paint(line.text, line.paint))\n"
      }
    }.joined()
  }
}
