import SIPMessage
import SIPUserAgent
import ShardCore

/// The core of a shard in a shell that stores and looks up at once, for crowds that have other troubles.
struct PromptShell {
  private(set) var core: ShardCore
  /// When it has to be woken.
  private(set) var wakesAt: Instant?
  private let locate: @Sendable (URI) -> Location

  init(_ settings: UserAgent.Settings, seed: UInt64, locate: @escaping @Sendable (URI) -> Location) {
    core = ShardCore(settings: settings, random: SplitMix64(seed: seed))
    self.locate = locate
  }

  mutating func reserve(_ count: Int) -> [AccountID] { core.reserve(count) }

  /// - Parameter leastRead: what weighs less is not reported
  /// - Returns: what is to be sent, and what was reported.
  mutating func handle(_ input: Input, now: Instant, leastRead: Report.Weight = .progress) -> Outputs {
    if case .woken = input { wakesAt = nil }
    var outputs = Outputs()
    outputs.leastRead = leastRead
    core.handle(input, now: now, outputs: &outputs)
    settle(&outputs, now: now)
    return outputs
  }

  mutating func take(_ event: Event, now: Instant, leastRead: Report.Weight = .progress) -> Outputs {
    var outputs = Outputs()
    outputs.leastRead = leastRead
    core.take(event, now: now, outputs: &outputs)
    core.finish(now: now, outputs: &outputs)
    settle(&outputs, now: now)
    return outputs
  }

  private mutating func settle(_ outputs: inout Outputs, now: Instant) {
    while !outputs.lookups.isEmpty || !outputs.changes.isEmpty || outputs.wantsTurn {
      let (lookups, reservations, forgotten) = (outputs.lookups, outputs.reservations, outputs.forgotten)
      let (isWriting, wantsTurn) = (!outputs.changes.isEmpty, outputs.wantsTurn)
      (outputs.lookups, outputs.changes, outputs.reservations, outputs.forgotten) = ([], [], [], [])
      outputs.wantsTurn = false
      for lookup in lookups {
        core.handle(.located(lookup.question, locate(lookup.hop.uri), lasting: nil), now: now, outputs: &outputs)
      }
      if isWriting { core.handle(.stored(reservations, forgotten: forgotten), now: now, outputs: &outputs) }
      if wantsTurn { core.handle(.turn, now: now, outputs: &outputs) }
    }
    if let instant = outputs.wakeAt { wakesAt = max(instant, now) }
  }
}
