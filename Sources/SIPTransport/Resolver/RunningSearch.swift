import Dispatch
import SIPLocation

/// A search under way: asks what it wants to know, and ends it when it takes too long. Everything happens on the resolver's
/// queue; the questions that are open keep it alive.
final class RunningSearch {
  private var search: LocationSearch
  private let lookups: Lookups
  private let queue: DispatchQueue
  private let completion: @Sendable (LocationTrace) -> Void
  private var chance = Chance()
  private var rounds = 0

  init(
    _ query: LocationQuery, lookups: Lookups, queue: DispatchQueue,
    completion: @escaping @Sendable (LocationTrace) -> Void
  ) {
    search = LocationSearch(query)
    self.lookups = lookups
    self.queue = queue
    self.completion = completion
  }

  func begin() {
    carryOut(search.begin())
    guard !search.hasEnded else { return }
    after(LocationSearch.Limits.duration) { $0.timePassed() }
  }

  private func carryOut(_ action: LocationSearch.Action) {
    switch action {
    case .wait: break
    case .ask(let questions): ask(questions)
    case .end: end()
    }
  }

  private func ask(_ questions: [NameQuestion]) {
    rounds += 1
    let round = rounds
    for question in questions { lookups.ask(question) { self.answered(question, $0) } }
    guard round == rounds, !search.hasEnded else { return }
    after(LocationSearch.Limits.roundOfServices) { $0.roundPassed(round) }
  }

  private func after(_ duration: Duration, _ action: @escaping (RunningSearch) -> Void) {
    let item = DispatchWorkItem { [weak self] in
      guard let self, !search.hasEnded else { return }
      action(self)
    }
    queue.asyncAfter(deadline: .now() + .milliseconds(Int(duration.milliseconds)), execute: item)
  }

  private func answered(_ question: NameQuestion, _ answer: NameAnswer) {
    // It is over, and somebody else's question has been answered as well.
    guard !search.hasEnded else { return }
    carryOut(search.answered(question, answer, chance: &chance))
  }

  private func roundPassed(_ round: Int) {
    guard round == rounds else { return }
    carryOut(search.roundPassed(chance: &chance))
  }

  private func timePassed() { carryOut(search.timePassed(chance: &chance)) }

  private func end() {
    let trace = search.trace
    if case .failed = trace.outcome { for step in trace.steps { lookups.doubt(step.question) } }
    completion(trace)
  }
}

/// The chance of the system. It counts its draws, since the thread sanitizer looks where a value is, and one without a byte
/// is nowhere.
private struct Chance: RandomNumberGenerator {
  private var system = SystemRandomNumberGenerator()
  private var draws: UInt64 = 0

  init() {}

  mutating func next() -> UInt64 {
    draws &+= 1
    return system.next()
  }
}
