import SIPUserAgent
import ShardCore

/// Which events come to the core: a world in which one never comes shows nothing of it.
extension World {
  /// All that a user agent knows.
  static let kinds = [
    "received", "timerFired", "sendFailed", "unreachable", "connectionClosed", "pong", "bindingAnswered", "located",
    "stored", "add", "change",
    "remove", "stop", "refresh", "pause", "resume", "networkChanged", "moved",
  ]

  mutating func count(_ event: Event) {
    switch event {
    case .received(_, let flow): tally(flow.connection == 0 ? "received" : "receivedOverAStream")
    case .sendFailed: tally("sendFailed")
    case .unreachable: tally("unreachable")
    case .connectionClosed: tally("connectionClosed")
    case .pong: tally("pong")
    case .bindingAnswered: tally("bindingAnswered")
    case .timerFired, .located, .stored, .add, .change, .remove, .release, .stop, .refresh, .pause, .resume,
      .networkChanged,
      .moved:
      watch.complain("an event of the core's own came from the transport")
    }
  }

  mutating func count(_ input: Input) {
    switch input {
    case .woken: tally("timerFired")
    case .add, .restore: tally("add")
    case .change: tally("change")
    case .remove: tally("remove")
    case .release: tally("release")
    case .stop: tally("stop")
    case .want(.refresh, _), .want(.refreshNamed, _): tally("refresh")
    case .want(.pause, _): tally("pause")
    case .want(.resume, _): tally("resume")
    case .want(.remove, _), .want(.stop, _): tally("wish")
    case .stored: tally("stored")
    case .located: tally("located")
    case .networkChanged(let endpoints):
      tally("networkChanged")
      var isAnybodyMoved = false
      core?.agent.forEachBinding { _, binding in
        isAnybodyMoved = isAnybodyMoved || endpoints[binding.target] != binding.local
      }
      if isAnybodyMoved { tally("moved") }
    case .started, .turn: break
    }
  }

  private mutating func tally(_ kind: String) { events[kind, default: 0] += 1 }
}
