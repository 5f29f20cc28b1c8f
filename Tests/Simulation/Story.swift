import SIPMessage
import SIPUserAgent

/// Events and effects as lines that somebody can read.
enum Story {
  static func words(_ event: Event) -> String {
    if case .received(let bytes, let flow) = event { return "received \(words(bytes)) from \(flow.target)" }
    return plain(event)
  }

  static func words(_ effect: Effect) -> String {
    switch effect {
    case .send(let bytes, let destination, _): "send \(words(bytes)) to \(destination.target)"
    case .store(let account, let record):
      "store \(account.index): below \(record.cSeqCeiling), \(record.binding == nil ? "not bound" : "bound"), "
        + "\(record.pause.map { "paused \($0)" } ?? "not paused")"
    case .cancelTimer, .setTimer, .locate, .renew, .forget, .released, .stopped, .report, .reportHop, .reportRequest: plain(effect)
    }
  }

  private static func words(_ bytes: [UInt8]) -> String {
    guard let message = try? Message(parsing: bytes) else { return "\(bytes.count) bytes" }
    let line = bytes.prefix { $0 != 0x0D }
    let fields = [HeaderName.to, .cSeq, .expires, .wwwAuthenticate, .authorization, .contact].compactMap { name in
      message.first(name).map { "\(name.text): \($0.text)" }
    }
    return "\(line.text) | \(fields.joined(separator: " | "))"
  }

  /// Without the names of modules and types, which say nothing here.
  private static func plain(_ value: Any) -> String {
    var text = "\(value)"
    for noise in ["SIPUserAgent.", "SIPTransaction.", "SIPMessage.", "TimerID.Kind."] {
      text = text.split(separator: noise, omittingEmptySubsequences: false).joined()
    }
    return text
  }
}
