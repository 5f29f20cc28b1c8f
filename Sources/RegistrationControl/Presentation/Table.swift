/// A table with aligned columns, two blanks apart. Cells are neutralised here, so no caller can forget it.
package struct Table: Sendable {
  package struct Column: Sendable {
    package var title: String
    package var isNumber: Bool
    /// The widest that a cell may get, in columns of the terminal.
    package var limit: Int
    /// It may stand below its row where the terminal is too narrow for it, behind these words.
    package var below: String?

    package init(_ title: String, isNumber: Bool = false, limit: Int = 48, below: String? = nil) {
      self.title = title
      self.isNumber = isNumber
      self.limit = limit
      self.below = below
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

  /// By how much a line below its row is indented.
  private static let indentation = 4

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
  ///
  /// - Parameter width: of the terminal: what does not fit stands below its row; nil: a row is a line
  package func rendered(_ palette: Palette, width: Int? = nil) -> String {
    let contents = columns.indices.map { index in rows.reduce(0) { max($0, PlainText.width($1[index].text)) } }
    let widths = columns.indices.map { max(contents[$0], PlainText.width(columns[$0].title)) }
    var shown = columns.indices.filter { contents[$0] > 0 }
    var below: [Int] = []
    if let width {
      while shown.reduce(-2, { $0 + widths[$1] + 2 }) > width,
        let last = shown.lastIndex(where: { columns[$0].below != nil })
      {
        below.insert(shown.remove(at: last), at: 0)
      }
    }
    let titles = columns.map { Cell($0.title, .strong) }
    var text = line(titles, shown, widths, palette)
    for row in rows { text += line(row, shown, widths, palette) + lines(row, below, width, palette) }
    return text
  }

  private func line(_ row: [Cell], _ shown: [Int], _ widths: [Int], _ palette: Palette) -> String {
    shown.map { padded(row[$0], columns[$0], to: widths[$0], palette) }.joined(separator: "  ").withoutTrailingBlanks
      + "\n"
  }

  private func lines(_ row: [Cell], _ below: [Int], _ width: Int?, _ palette: Palette) -> String {
    let words = below.filter { !row[$0].text.isEmpty }.map { (columns[$0].below ?? "") + row[$0].text }
    guard !words.isEmpty else { return "" }
    let blanks = String(repeating: " ", count: Self.indentation)
    return WrappedText.lines(words.joined(separator: ", "), width: width.map { $0 - Self.indentation })
      .map { blanks + palette.paint($0, .faint) + "\n" }.joined()
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
