/// Names and values in two columns, the names aligned to the right. Values are neutralised here.
struct FieldList {
  private var fields: [(name: String, lines: [Table.Cell])] = []

  mutating func append(_ name: String, _ lines: [String], _ paint: Paint = .plain) {
    guard !lines.isEmpty else { return }
    fields.append((name, lines.map { Table.Cell(PlainText.neutralised($0), paint) }))
  }

  mutating func append(_ name: String, _ value: String?, _ paint: Paint = .plain) {
    guard let value, !value.isEmpty else { return }
    append(name, [value], paint)
  }

  func rendered(_ palette: Palette) -> String {
    let width = fields.reduce(0) { max($0, $1.name.count) }
    return fields.flatMap { field in
      field.lines.enumerated().map { index, line in
        let name = index == 0 ? field.name : ""
        let blanks = String(repeating: " ", count: width - name.count)
        return "\(blanks)\(palette.paint(name, .faint))  \(palette.paint(line.text, line.paint))\n"
      }
    }.joined()
  }
}
