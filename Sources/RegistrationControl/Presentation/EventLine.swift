/// An event as one line: what `sipregctl watch` prints.
package enum EventLine {
  /// `clock` is the time of the day as the reader's clock shows it.
  package static func rendered(_ event: RegistrationEvent, clock: String, palette: Palette) -> String {
    let name = palette.paint(PlainText.neutralised(event.account), .strong)
    let kind = palette.paint(event.kind.rawValue, paint(event.kind))
    let text = event.text.isEmpty ? "" : "  " + PlainText.neutralised(event.text)
    return "\(palette.paint(clock, .faint))  \(name)  \(kind)\(text)\n"
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
