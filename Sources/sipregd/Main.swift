import Dispatch
import Glibc
import RegistrationDaemon

/// Where the process begins, still with one thread.
@main enum Main {
  static func main() {
    FatalSignals.restoreDefaults()
    // Not in an `async` main: that waits for a thread, for ever if there is none.
    if let shortage = ThreadSupply.shortage(of: ThreadSupply.base) {
      let line = "cannot start: \(shortage)"
      if !EventLog.writeToJournal(.error, [line]) { Terminal.error("sipregd: \(line)\n") }
      exit(ExitStatus.system)
    }
    Task {
      await Sipregd.main()
      exit(0)
    }
    dispatchMain()
  }
}
