import Glibc
import Testing

@testable import RegistrationDaemon

/// What the process asks of the system before it begins, and what ends it.
@Suite struct ProcessTests {
  @Test func aSignalFromOutsideEndsTheProcessByItself() async {
    await #expect(processExitsWith: .signal(SIGABRT)) {
      FatalSignals.restoreDefaults()
      kill(getpid(), SIGABRT)
      sleep(10)
    }
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      FatalSignals.restoreDefaults()
      kill(getpid(), SIGSEGV)
      sleep(10)
    }
  }

  @Test func threadsThatAreToBeHadAreNotMissed() {
    #expect(ThreadSupply.shortage(of: ThreadSupply.base) == nil)
    #expect(ThreadSupply.shortage(of: 0) == nil)
  }

  @Test func whoComesWaitsForWhoCameBefore() async {
    let turnstile = Turnstile()
    await turnstile.enter()
    let others = (0..<8).map { _ in
      Task {
        await turnstile.enter()
        await turnstile.leave()
      }
    }
    await turnstile.leave()
    for other in others { await other.value }
    await turnstile.enter()
    await turnstile.leave()
  }
}
