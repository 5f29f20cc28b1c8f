import Dispatch
import Glibc
import Synchronization

/// Notes Ctrl-C and SIGTERM, so that a loop can end in good order.
final class Interrupt: Sendable {
  private let flag = Atomic<Bool>(false)
  private let queue = DispatchQueue(label: "sip.interrupt")

  init() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [weak self] in self?.flag.store(true, ordering: .relaxed) }
      source.activate()
      // A source lives as long as the process does.
      _ = Unmanaged.passRetained(source as AnyObject)
    }
  }

  var hasCome: Bool { flag.load(ordering: .relaxed) }

}
