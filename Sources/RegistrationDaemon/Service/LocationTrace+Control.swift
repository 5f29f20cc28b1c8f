import RegistrationControl
import SIPLocation
import SIPUserAgent

/// A search as the control interface shows it. The sentences are in RegistrationControl.
extension LookupReport {
  init(_ hop: HopURI, _ entry: LocationTraces.Entry, _ clock: WallClock) {
    var (order, failure): ([String], String?) = ([], nil)
    switch entry.trace.outcome {
    case .found(let candidates)?: order = candidates.map(\.description)
    case .failed(let words)?: failure = words
    case nil: break
    }
    self.init(
      hop: hop.description, at: clock.timestamp(of: entry.at),
      steps: entry.trace.steps.compactMap { NameStep($0).sentence }, order: order, failure: failure)
  }
}

extension NameStep {
  init(_ step: LocationTrace.Step) {
    let question: Question =
      switch step.question {
      case .hosts: .hostsFile
      case .pointers: .naptr
      case .services: .srv
      case .addresses: .addresses
      }
    self.init(question, step.question.name, Answer(step.answer))
  }
}

extension NameStep.Answer {
  fileprivate init(_ answer: NameAnswer) {
    switch answer {
    case .success(let resolution):
      let records = resolution.records.descriptions
      self = resolution.isStale ? .oldRecords(records) : .records(records, expiry: resolution.expiry)
    case .failure(let failure): self = failure.isAbsence ? .none : .failed(failure.reason)
    }
  }
}

extension ResolutionFailure {
  fileprivate var isAbsence: Bool { kind == .noRecord || kind == .noSuchName }
}

extension Resolution.Records {
  fileprivate var descriptions: [String] {
    switch self {
    case .addresses(let addresses): addresses.map(\.description)
    case .services(let records): records.map(\.description)
    case .pointers(let records): records.map(\.description)
    }
  }
}
