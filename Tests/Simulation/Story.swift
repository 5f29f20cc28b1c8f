import SIPMessage
import SIPUserAgent
import ShardCore

/// What goes into the core and comes out of it, as lines that somebody can read.
enum Story {
  static func words(_ event: Event) -> String {
    if case .received(let bytes, let flow) = event { return "received \(words(bytes)) from \(flow.target)" }
    return plain(event)
  }

  static func words(_ input: Input) -> String {
    switch input {
    case .add(let arrivals, _): "add \(arrivals.map(\.id.index))"
    case .restore(let restored, let reserved):
      "resume \(restored.map { "\($0.id.index) from \($0.record.cSeqCeiling)" }), \(reserved) reserved"
    case .change(let arrivals): "change \(arrivals.map(\.id.index))"
    case .started, .woken, .turn, .remove, .release, .stop, .want, .stored, .located, .networkChanged: plain(input)
    }
  }

  static func words(_ changes: [StateChange]) -> String {
    changes.map { change in
      switch change {
      case .records(let records):
        records.map { kept in
          "\(kept.key.text): below \(kept.record.cSeqCeiling), \(kept.record.binding == nil ? "not bound" : "bound"), "
            + "\(kept.record.pause.map { "paused \($0)" } ?? "not paused")"
        }.joined(separator: "; ")
      case .renewals(let renewals): "\(renewals.count) renewals"
      case .forgotten(let key): "without \(key)"
      case .ports: "ports"
      }
    }.joined(separator: "; ")
  }

  static func words(_ bytes: [UInt8]) -> String {
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
    for noise in ["SIPUserAgent.", "ShardCore.", "SIPTransaction.", "SIPMessage.", "TimerID.Kind."] {
      text = text.split(separator: noise, omittingEmptySubsequences: false).joined()
    }
    return text
  }
}
