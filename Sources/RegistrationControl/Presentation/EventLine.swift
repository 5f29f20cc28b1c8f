/// An event as one line: what `sipregctl watch` prints.
package enum EventLine {
  /// `clock` is the time of the day as the reader's clock shows it.
  package static func rendered(
    _ event: RegistrationEvent, clock: String, palette: Palette, width: Int? = nil
  ) -> String {
    let name = PlainText.clipped(PlainText.neutralised(event.account), to: 48)
    let kind = palette.paint(event.kind.rawValue, paint(event.kind))
    let indentation = PlainText.width(clock) + 2
    let head = indentation + PlainText.width(name) + 2 + event.kind.rawValue.count + 2
    let start = "\(palette.paint(clock, .faint))  \(palette.paint(name, .strong))  \(kind)"
    guard !event.text.isEmpty else { return start + "\n" }
    let text = PlainText.clipped(PlainText.neutralised(event.text), to: FieldList.limit)
    // Below the name, where what is left of the line is too little.
    let room = width.map { $0 - head }
    if let room, room < WrappedText.narrowest, PlainText.width(text) > room {
      return start + "\n" + indented(WrappedText.lines(text, width: width.map { $0 - indentation }), by: indentation)
    }
    let lines = WrappedText.lines(text, width: room, hanging: room == nil ? 0 : indentation - head)
    return "\(start)  \(lines[0])\n" + indented(lines.dropFirst(), by: indentation)
  }

  private static func indented(_ lines: some Sequence<String>, by columns: Int) -> String {
    lines.map { String(repeating: " ", count: columns) + $0 + "\n" }.joined()
  }

  private static func paint(_ kind: RegistrationEvent.Kind) -> Paint {
    switch kind {
    case .registered, .refreshed: .good
    case .discarded, .failed, .lapsed: .bad
    case .step, .paused, .resumed, .unregistered: .busy
    case .added, .changed, .removed, .request: .plain
    }
  }
}
