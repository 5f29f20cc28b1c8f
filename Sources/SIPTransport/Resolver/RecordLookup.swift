import CAres
import SIPLocation

/// A lookup of records whose answer is read here, while c-ares has it.
final class RecordLookup {
  private let name: String
  private let type: RecordAnswer.RecordType
  private let completion: AresChannel.Completion

  init(name: String, type: RecordAnswer.RecordType, completion: @escaping AresChannel.Completion) {
    self.name = name
    self.type = type
    self.completion = completion
  }

  func end(_ status: CInt, _ message: [UInt8]) {
    let kind = ResolutionFailure.Kind(status)
    // A message comes with these only; c-ares has looked at its header.
    guard status == ARES_SUCCESS || kind == .noSuchName || kind == .noRecord else { return fail(kind) }
    guard let answer = RecordAnswer(message, to: name, type) else { return fail(.badAnswer) }
    guard answer.records.isEmpty else {
      return completion(Finding(.success(answer.records), timeToLive: answer.timeToLive))
    }
    fail(kind == .noSuchName ? kind : .noRecord, timeToLive: answer.negativeTimeToLive)
  }

  private func fail(_ kind: ResolutionFailure.Kind, timeToLive: Duration? = nil) {
    completion(Finding(.failure(ResolutionFailure(name: name, kind: kind)), timeToLive: timeToLive))
  }
}
