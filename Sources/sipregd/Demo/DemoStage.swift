import DaemonConfiguration
import FoundationEssentials
import Glibc
import RegistrarLab
import RegistrationControl
import RegistrationDaemon
import Synchronization

/// The lab, the daemon in front of it, and what is done to them.
final class DemoStage: Sendable {
  /// What happens when, in seconds of a round.
  private enum Act: CaseIterable {
    case outage, recovery, staleNonces, reboot

    var second: Int {
      switch self {
      case .outage: 10
      case .recovery: 15
      case .staleNonces: 30
      case .reboot: 40
      }
    }
  }

  private static let round = 60

  let lab: Lab
  let daemon: Supervisor
  let controlSocket: String
  let shown: Shown
  private let folder: URL
  private let began = ContinuousClock.now
  private let played = Mutex<Int>(0)

  init() async throws {
    var settings = Lab.Settings()
    settings.registrar.digest.passwords = .shared("secret")
    lab = try Lab(settings)
    folder = FileManager.default.temporaryDirectory.appending(path: "sipregd-demo-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    controlSocket = folder.appending(path: "control").path
    let configuration = try Configuration.parse(text: Self.configuration(lab, folder.path), name: "demo")
    let shown = Shown()
    let log = EventLog(configuration.daemon.log) { shown.add("\($0.message)") }
    self.shown = shown
    daemon = try Supervisor(configuration, log: log) { _ in configuration }
    try await daemon.start()
  }

  /// Registrations of 20 s, and an impatience that suits an audience.
  private static func configuration(_ lab: Lab, _ folder: String) -> String {
    """
    [daemon]
    state_directory = "\(folder)/state"
    control_socket = "\(folder)/control"
    local_port = 0

    [defaults]
    registrar = "sip:\(lab.registrar)"
    password = "secret"
    expires = 20
    minimum_interval = 1
    retry_base = 2
    retry_maximum = 4

    [proxy.strict]
    routes = [["sip:\(lab.strictProxy)"]]
    strict_routing = true

    [proxy.pair]
    routes = [["sip:127.0.0.1:1;transport=tcp"], ["sip:\(lab.looseProxy)"]]

    [[account]]
    name = "alice"
    aor = "sip:alice@demo.example"
    username = "alice"

    [[account]]
    name = "bob"
    aor = "sip:bob@demo.example"
    username = "bob"
    outbound_proxy = "sip:\(lab.looseProxy);lr"

    [[account]]
    name = "carol"
    aor = "sip:carol@demo.example"
    username = "carol"
    outbound_proxy = "strict"

    [[account]]
    name = "dave"
    aor = "sip:dave@demo.example"
    username = "dave"
    outbound_proxy = "pair"

    [[account]]
    name = "erin"
    aor = "sip:erin@demo.example"
    username = "erin"
    transport = "tcp"
    """
  }

  /// Does what is due by now.
  func play() {
    let elapsed = Int((ContinuousClock.now - began).components.seconds)
    let due = played.withLock { played -> [Act] in
      let former = played
      played = elapsed
      return Act.allCases.filter { act in
        (former..<elapsed).contains { ($0 + 1) % Self.round == act.second }
      }
    }
    for act in due { perform(act) }
  }

  private func perform(_ act: Act) {
    switch act {
    case .outage:
      shown.add("*** the registrar answers 503 for five seconds; everybody refreshes", isFault: true)
      lab.change { $0.isUnavailable = true }
      refreshAll()
    case .recovery:
      shown.add("*** the registrar works again", isFault: true)
      lab.change { $0.isUnavailable = false }
    case .staleNonces:
      shown.add("*** every nonce is stale; everybody refreshes", isFault: true)
      lab.voidNonces()
      refreshAll()
    case .reboot:
      shown.add("*** the registrar restarts and has forgotten everybody", isFault: true)
      lab.reboot()
    }
  }

  private func refreshAll() {
    Task { [daemon] in try? await daemon.tell(AccountSelection(all: true), .refresh) }
  }

  func accounts() async -> [AccountReport] {
    await daemon.page(AccountPageRequest(filter: AccountFilter(), limit: 100)).accounts
  }

  func end() async {
    await daemon.stop()
    lab.shutdown()
    try? FileManager.default.removeItem(at: folder)
  }

  /// What was said last.
  final class Shown: Sendable {
    struct Line: Sendable {
      var second: Int
      var text: String
      var isFault: Bool
    }

    private let lines = Mutex<[Line]>([])
    private let began = ContinuousClock.now

    func add(_ text: String, isFault: Bool = false) {
      let second = Int((ContinuousClock.now - began).components.seconds)
      lines.withLock { $0.append(Line(second: second, text: text, isFault: isFault)) }
    }

    /// Takes out all but the last; those are shown again.
    func last(_ count: Int) -> [Line] {
      lines.withLock { lines in
        lines = lines.suffix(count)
        return lines
      }
    }

    func takeAll() -> [Line] {
      lines.withLock { lines in
        defer { lines = [] }
        return lines
      }
    }
  }
}
