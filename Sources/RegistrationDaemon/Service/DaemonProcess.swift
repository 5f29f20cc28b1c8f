import CMalloc
import DaemonConfiguration
import Dispatch
import Glibc
import RegistrationControl
import Synchronization
import Systemd

/// A daemon from its start to the signal that ends it: SIGTERM and SIGINT stop it, SIGHUP reloads, SIGPIPE is nobody's
/// business.
package enum DaemonProcess {
  /// - Parameters:
  ///   - reread: the configuration anew, for a reload
  ///   - started: called once the daemon is ready
  /// - Returns: when the daemon has stopped.
  /// - Throws: why it did not come up.
  package static func run(
    _ configuration: consuming Configuration, started: @escaping @Sendable () -> Void = {},
    reread: @escaping Supervisor.Reread
  ) async throws(Supervisor.StartFailure) {
    let log = EventLog(configuration.daemon.log)
    let manager = ServiceManager()
    raiseDescriptorLimit()
    boundHeap()
    let signals = SignalStream()
    let supervisor = try Supervisor(configuration, log: log, manager: manager, reread: reread)
    do throws(Supervisor.StartFailure) {
      try await supervisor.start()
    } catch {
      await supervisor.stop()
      throw error
    }
    started()
    let hangups = Hangups(supervisor, log: log)
    for await signal in signals.received {
      guard signal == SIGHUP else { break }
      hangups.received()
    }
    signals.restoreDefaults()
    await supervisor.stop()
  }

  /// glibc gives every thread an arena of its own, and what a burst leaves in one is of no use to another.
  private static func boundHeap() { mallopt(M_ARENA_MAX, 2) }

  /// A connection takes a descriptor; what the hard limit allows is ours.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

/// Reloads that SIGHUP asked for. They run beside, so that a stop waits for none of them.
private final class Hangups: Sendable {
  private let supervisor: Supervisor
  private let log: EventLog
  private let waiting = Atomic<Int>(0)

  init(_ supervisor: Supervisor, log: EventLog) {
    self.supervisor = supervisor
    self.log = log
  }

  /// One is at work and one waits: it will read what is newest then, and more would read the same.
  func received() {
    guard waiting.load(ordering: .relaxed) < 2 else { return }
    waiting.add(1, ordering: .relaxed)
    Task {
      await reload()
      waiting.subtract(1, ordering: .relaxed)
    }
  }

  /// After the one that is at work, if there is one. What is wrong with the configuration is in the log.
  private func reload() async {
    var reason = ""
    for _ in 0..<100 {
      do throws(ControlError) {
        _ = try await supervisor.reload(dryRun: false)
        return
      } catch {
        guard case .unavailable(let words) = error else { return }
        reason = words
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    log.write(.warning, "SIGHUP reloaded nothing: \(reason)")
  }
}

/// Signals as a stream.
private final class SignalStream: Sendable {
  let received: AsyncStream<Int32>
  private static let handled = [SIGTERM, SIGINT, SIGHUP]
  private let queue = DispatchQueue(label: "sip.signals")

  init() {
    let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
    received = stream
    signal(SIGPIPE, SIG_IGN)
    for number in Self.handled {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { continuation.yield(number) }
      source.activate()
      // A source lives as long as the process does.
      _ = Unmanaged.passRetained(source as AnyObject)
    }
  }

  /// A second Ctrl-C ends a stop that takes too long.
  func restoreDefaults() { for number in [SIGTERM, SIGINT] { signal(number, SIG_DFL) } }
}
