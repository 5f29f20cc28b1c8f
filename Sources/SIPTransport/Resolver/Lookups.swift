import Dispatch
import Glibc
import NIOCore
import SIPMessage

/// The lookups of a resolver: cache, those who wait, and a c-ares channel for each that runs. Unchecked, because the compiler does not
/// know queues: everything happens on the resolver's, and asserts so.
final class Lookups: @unchecked Sendable {
  private struct Question {
    var name: String
    var port: UInt16
  }

  /// RFC 1035 §2.3.4, in text form.
  private static let longestName = 253
  /// A literal does not age; asking again some day costs nothing.
  private static let literalExpiry = Duration.seconds(86_400)

  private let queue: DispatchQueue
  private let nameServers: NameServers
  private let timeout: Duration
  private let tries: Int
  private let policy: ResolverPolicy
  private var cache: ResolverCache
  /// nil: the system has no descriptor for it, so far.
  private var loop: AresLoop?
  private var channels: [String: AresChannel] = [:]
  /// Their lookups have ended, and they have not.
  private var done: [AresChannel] = []
  private var configuration: FileVersion?
  private var waiters: [String: [Resolver.Completion]] = [:]
  private var waiting = CircularBuffer<Question>()
  private var running = 0
  private var isClosed = false

  init(queue: DispatchQueue, nameServers: NameServers, timeout: Duration, tries: Int, policy: ResolverPolicy) {
    self.queue = queue
    self.nameServers = nameServers
    self.timeout = timeout
    self.tries = tries
    self.policy = policy
    cache = ResolverCache(policy: policy)
  }

  func resolve(_ text: String, port: UInt16, completion: @escaping Resolver.Completion) {
    dispatchPrecondition(condition: .onQueue(queue))
    if let address = IPAddress(text) {
      return completion(.success(Resolution(addresses: [address], expiry: Self.literalExpiry)))
    }
    guard Self.isHostName(text) else {
      return completion(.failure(ResolutionFailure(name: text, kind: .invalidName)))
    }
    let name = text.lowercased()
    if let known = cache.answer(for: name, now: .now) { return completion(known) }
    if let others = waiters[name] {
      // Nobody waits for a lookup under way: it took so long that they were told the stale answer.
      if others.isEmpty, let stale = cache.staleAnswer(for: name, now: .now) { return completion(.success(stale)) }
      waiters[name]?.append(completion)
      return
    }
    waiters[name] = [completion]
    waiting.append(Question(name: name, port: port))
    startNext()
  }

  /// Ends everything; those who wait hear `cancelled`.
  func close() {
    dispatchPrecondition(condition: .onQueue(queue))
    isClosed = true
    closeChannels()
    let left = waiters
    waiters = [:]
    waiting.removeAll()
    for (name, completions) in left { tell(completions, .failure(ResolutionFailure(name: name, kind: .cancelled))) }
  }

  /// Letters, digits, hyphens and dots (RFC 1123 §2.1), and the underscore that people use.
  private static func isHostName(_ text: String) -> Bool {
    (1...longestName).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
          true
        default:
          false
        }
      }
  }

  // MARK: Running

  private func startNext() {
    for channel in done { channel.close() }
    done = []
    while running < policy.maximumLookups, !waiting.isEmpty, !isClosed { start(waiting.removeFirst()) }
  }

  private func start(_ question: Question) {
    running += 1
    guard let channel = newChannel() else {
      return ended(question, .failure(ResolutionFailure(name: question.name, kind: .other)))
    }
    channels[question.name] = channel
    if cache.staleAnswer(for: question.name, now: .now) != nil {
      queue.asyncAfter(deadline: .now() + .milliseconds(Int(policy.staleAfter.milliseconds))) { [weak self] in
        self?.tellStale(question.name)
      }
    }
    channel.lookUp(question.name, port: question.port) { self.ended(question, $0) }
  }

  private func ended(_ question: Question, _ result: Result<AresChannel.Found, ResolutionFailure>) {
    running -= 1
    if let channel = channels.removeValue(forKey: question.name) { done.append(channel) }
    // c-ares is on the stack: what comes next may open or close channels.
    queue.async { self.startNext() }
    if case .failure(let failure) = result, failure.kind == .cancelled {
      // Not asked to the end, because the name servers changed meanwhile.
      if !isClosed { waiting.append(question) }
      return
    }
    let answer = cache.store(result, for: question.name, now: .now)
    tell(waiters.removeValue(forKey: question.name) ?? [], answer)
  }

  /// Whoever has waited long enough; the lookup goes on for the next.
  private func tellStale(_ name: String) {
    guard let told = waiters[name], let answer = cache.staleAnswer(for: name, now: .now) else {
      return
    }
    waiters[name] = []
    tell(told, .success(answer))
  }

  private func tell(_ completions: [Resolver.Completion], _ answer: Result<Resolution, ResolutionFailure>) {
    for completion in completions { completion(answer) }
  }

  /// The name servers of the host change with the network it is in: what the former ones were asked is asked anew.
  private func newChannel() -> AresChannel? {
    let version = nameServers.version
    if version != configuration { closeChannels() }
    configuration = version
    if loop == nil { loop = AresLoop(queue: queue) }
    return loop.flatMap { AresChannel(loop: $0, configuration: nameServers, timeout: timeout, tries: tries) }
  }

  private func closeChannels() {
    let open = done + channels.values
    (done, channels) = ([], [:])
    for channel in open { channel.close() }
  }
}

/// Tells one state of a file from the next.
private struct FileVersion: Equatable {
  var inode: UInt
  var size: Int
  var seconds: Int
  var nanoseconds: Int
}

extension NameServers {
  /// nil: there is no file, or it can not be read.
  fileprivate var version: FileVersion? {
    guard case .file(let path) = self else { return nil }
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return FileVersion(
      inode: status.st_ino, size: status.st_size, seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec)
  }
}
