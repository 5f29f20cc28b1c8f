import Dispatch
import Glibc
import NIOCore
import SIPLocation
import SIPMessage

/// The lookups of a resolver: cache, those who wait, and a c-ares channel for each that runs. Unchecked, because the compiler does not
/// know queues: everything happens on the resolver's, and asserts so.
final class Lookups: @unchecked Sendable {
  typealias Completion = (NameAnswer) -> Void

  private struct Question {
    var key: RecordKey
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
  private var hosts = HostsFile()
  /// nil: the system has no descriptor for it, so far.
  private var loop: AresLoop?
  private var channels: [RecordKey: AresChannel] = [:]
  /// Their lookups have ended, and they have not.
  private var done: [AresChannel] = []
  private var configuration: FileVersion?
  private var waiters: [RecordKey: [Completion]] = [:]
  private var waiting = CircularBuffer<Question>()
  private var running = 0
  /// When a name server last answered anything.
  private var lastHeard: ResolverCache.Instant?
  /// Until then nobody is expected to answer: somebody waited in vain, and nothing has come since.
  private var silentUntil: ResolverCache.Instant?
  private var isClosed = false

  init(queue: DispatchQueue, nameServers: NameServers, timeout: Duration, tries: Int, policy: ResolverPolicy) {
    self.queue = queue
    self.nameServers = nameServers
    self.timeout = timeout
    self.tries = tries
    self.policy = policy
    cache = ResolverCache(policy: policy)
  }

  /// What is known is answered before this returns.
  func ask(_ question: NameQuestion, completion: @escaping Completion) {
    dispatchPrecondition(condition: .onQueue(queue))
    switch question {
    case .hosts(let name): completion(inHostsFile(name))
    case .services(let name): ask(name, .services, completion)
    case .pointers(let name): ask(name, .pointers, completion)
    case .addresses(let name, let port):
      if let address = IPAddress(name) {
        completion(.success(Resolution(addresses: [address], expiry: Self.literalExpiry)))
      } else {
        ask(name, .addresses, port: port, completion)
      }
    }
  }

  private func ask(_ text: String, _ kind: RecordKey.Kind, port: UInt16 = 0, _ completion: @escaping Completion) {
    guard !isClosed else { return completion(.failure(ResolutionFailure(name: text, kind: .cancelled))) }
    guard Self.isHostName(text) else {
      return completion(.failure(ResolutionFailure(name: text, kind: .invalidName)))
    }
    let key = RecordKey(text.lowercased(), kind)
    if let known = cache.answer(for: key, now: .now) { return completion(known) }
    let isUnderWay = waiters[key] != nil
    let mayWait = !isSilent(about: key) && waiters[key]?.isEmpty != true
    // Whoever waited before was told this, too; what comes is for the next.
    let stale = mayWait ? nil : cache.staleAnswer(for: key, now: .now)
    waiters[key, default: []] += stale == nil ? [completion] : []
    if !isUnderWay {
      waiting.append(Question(key: key, port: port))
      // Who asks may have been called by c-ares, which is on the stack then: what comes next may close channels.
      queue.async { self.startNext() }
    }
    if let stale { completion(stale) }
  }

  /// Whether an answer is hardly to be expected: a search asks up to three rounds of questions, and waits for the DNS in
  /// one of them at most.
  private func isSilent(about key: RecordKey) -> Bool {
    cache.wasSilent(about: key) || silentUntil.map { $0 > .now } == true
  }

  private func inHostsFile(_ name: String) -> NameAnswer {
    let addresses = Array(hosts.addresses(of: name.lowercased()).prefix(Resolution.maximumAddresses))
    guard !addresses.isEmpty else { return .failure(ResolutionFailure(name: name, kind: .noRecord)) }
    return .success(Resolution(addresses: addresses, expiry: policy.shortestLifetime))
  }

  /// A search has failed for want of this.
  func doubt(_ question: NameQuestion) {
    dispatchPrecondition(condition: .onQueue(queue))
    switch question {
    case .hosts, .addresses: break
    case .services(let name): cache.doubt(RecordKey(name.lowercased(), .services), now: .now)
    case .pointers(let name): cache.doubt(RecordKey(name.lowercased(), .pointers), now: .now)
    }
  }

  /// Ends everything; those who wait hear `cancelled`.
  func close() {
    dispatchPrecondition(condition: .onQueue(queue))
    isClosed = true
    closeChannels()
    let left = waiters
    waiters = [:]
    waiting.removeAll()
    for (key, completions) in left {
      tell(completions, .failure(ResolutionFailure(name: key.name, kind: .cancelled)))
    }
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
    let key = question.key
    guard let channel = newChannel(for: key.kind) else {
      let failure = ResolutionFailure(name: key.name, kind: .other)
      return ended(question, Finding(.failure(failure), timeToLive: nil), since: .now)
    }
    channels[key] = channel
    let began = ResolverCache.Instant.now
    if cache.staleAnswer(for: key, now: began) != nil {
      let look = DispatchWorkItem { [weak self, weak channel] in
        if let self, let channel, channels[key] === channel { isLate(key, since: began) }
      }
      queue.asyncAfter(deadline: .now() + .milliseconds(Int(policy.staleAfter.milliseconds)), execute: look)
    }
    switch key.kind {
    case .addresses: channel.lookUp(key.name, port: question.port) { self.ended(question, $0, since: began) }
    case .services: channel.query(key.name, .services) { self.ended(question, $0, since: began) }
    case .pointers: channel.query(key.name, .pointers) { self.ended(question, $0, since: began) }
    }
  }

  private func ended(_ question: Question, _ finding: Finding, since began: ResolverCache.Instant) {
    running -= 1
    let key = question.key
    if let channel = channels.removeValue(forKey: key) { done.append(channel) }
    // As in `ask`.
    queue.async { self.startNext() }
    if case .failure(let failure) = finding.result, failure.kind == .cancelled {
      // Not asked to the end, because the name servers changed meanwhile.
      if !isClosed { waiting.append(question) }
      return
    }
    let answer = cache.store(finding, for: key, now: .now)
    let told = waiters.removeValue(forKey: key) ?? []
    switch finding.result {
    case .failure(let failure) where failure.kind == .timedOut: isLate(key, since: began)
    // Nobody was asked.
    case .failure(let failure) where failure.kind == .other: break
    case .success, .failure: (lastHeard, silentUntil) = (.now, nil)
    }
    tell(told, answer)
  }

  /// Somebody has waited long enough for this, and gets the stale answer if there is one. When nothing at all has come
  /// meanwhile, so does everybody. The lookups go on for the next.
  private func isLate(_ key: RecordKey, since began: ResolverCache.Instant) {
    let isSilent = lastHeard.map { $0 < began } ?? true
    if isSilent { silentUntil = .now + policy.failureLifetime }
    for key in isSilent ? Array(waiters.keys) : [key] {
      // Whoever is told may ask for more.
      guard let told = waiters[key], !told.isEmpty, let answer = cache.staleAnswer(for: key, now: .now)
      else { continue }
      waiters[key] = []
      tell(told, answer)
    }
  }

  private func tell(_ completions: [Completion], _ answer: NameAnswer) {
    for completion in completions { completion(answer) }
  }

  /// The name servers of the host change with the network it is in: what the former ones were asked is asked anew.
  private func newChannel(for kind: RecordKey.Kind) -> AresChannel? {
    let version = nameServers.version
    if version != configuration { closeChannels() }
    configuration = version
    if loop == nil { loop = AresLoop(queue: queue) }
    let isPatient = kind == .addresses
    return loop.flatMap {
      AresChannel(
        loop: $0, configuration: nameServers, timeout: isPatient ? timeout : min(timeout, policy.serviceTimeout),
        tries: isPatient ? tries : min(tries, policy.serviceTries))
    }
  }

  private func closeChannels() {
    let open = done + channels.values
    (done, channels) = ([], [:])
    for channel in open { channel.close() }
  }
}

extension NameServers {
  fileprivate var version: FileVersion? {
    switch self {
    case .listed: nil
    case .file(let path): FileVersion(of: path)
    }
  }
}
