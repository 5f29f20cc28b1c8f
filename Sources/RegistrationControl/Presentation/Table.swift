/// A table with aligned columns, two blanks apart. Cells are neutralised here, so no caller can forget it.
package struct Table: Sendable {
  package struct Column: Sendable {
    package var title: String
    package var isNumber: Bool
    /// The widest that a cell may get, in columns of the terminal.
    package var limit: Int

    package init(_ title: String, isNumber: Bool = false, limit: Int = 48) {
      self.title = title
      self.isNumber = isNumber
      self.limit = limit
    }
  }

  package struct Cell: Sendable, ExpressibleByStringLiteral {
    package var text: String
    package var paint: Paint

    package init(_ text: String, _ paint: Paint = .plain) {
      self.text = text
      self.paint = paint
    }

    package init(stringLiteral text: String) {
      self.init(text)
    }
  }

  private let columns: [Column]
  private var rows: [[Cell]] = []

  package init(_ columns: [Column]) {
    self.columns = columns
  }

  package mutating func append(_ row: [Cell]) {
    precondition(row.count == columns.count, "a row of \(row.count) cells in a table of \(columns.count) columns")
    rows.append(
      zip(row, columns).map { cell, column in
        Cell(PlainText.clipped(PlainText.neutralised(cell.text), to: column.limit), cell.paint)
      })
  }

  /// Lines with their ends. A column in which every cell is empty is left out.
  package func rendered(_ palette: Palette) -> String {
    let widths = columns.indices.map { index in rows.reduce(0) { max($0, PlainText.width($1[index].text)) } }
    let shown = columns.indices.filter { widths[$0] > 0 }
    let titles = columns.map { Cell($0.title, .strong) }
    return ([titles] + rows).map { row in
      shown.map { index in
        let width = max(widths[index], PlainText.width(columns[index].title))
        return padded(row[index], columns[index], to: width, palette)
      }.joined(separator: "  ").withoutTrailingBlanks + "\n"
    }.joined()
  }

  private func padded(_ cell: Cell, _ column: Column, to width: Int, _ palette: Palette) -> String {
    let blanks = String(repeating: " ", count: max(0, width - PlainText.width(cell.text)))
    let text = palette.paint(cell.text, cell.paint)
    return column.isNumber ? blanks + text : text + blanks
  }
}

extension String {
  fileprivate var withoutTrailingBlanks: String {
    guard let last = utf8.lastIndex(where: { $0 != UInt8(ascii: " ") }) else { return "" }
    return String(self[...last])
  }
}
