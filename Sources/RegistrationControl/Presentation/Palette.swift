/// Colours by their meaning. They are applied last, to text that is already neutralised and padded.
package enum Paint: Sendable {
  case plain, strong, faint, good, busy, bad
}

/// Paints, or does not: the decision was made by who knows whether there is a terminal.
package struct Palette: Sendable {
  package let isColoured: Bool

  package init(isColoured: Bool) {
    self.isColoured = isColoured
  }

  package func paint(_ text: String, _ paint: Paint) -> String {
    guard isColoured, !text.isEmpty else { return text }
    return switch paint {
    case .plain: text
    case .strong: "\u{1B}[1m\(text)\u{1B}[0m"
    case .faint: "\u{1B}[2m\(text)\u{1B}[0m"
    case .good: "\u{1B}[32m\(text)\u{1B}[0m"
    case .busy: "\u{1B}[33m\(text)\u{1B}[0m"
    case .bad: "\u{1B}[31m\(text)\u{1B}[0m"
    }
  }
}

extension RegistrationState {
  package var paint: Paint {
    switch self {
    case .registered, .refreshing: .good
    case .registering, .unregistering: .busy
    case .waiting, .paused: .bad
    case .unregistered: .faint
    }
  }
}
