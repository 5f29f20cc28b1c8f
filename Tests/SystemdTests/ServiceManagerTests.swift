import Glibc
import Testing

@testable import Systemd

@Suite struct ServiceManagerTests {
  @Test func withoutAServiceManagerNothingIsSaid() async {
    await #expect(processExitsWith: .success) {
      unsetenv("NOTIFY_SOCKET")
      let manager = ServiceManager()
      #expect(!manager.isPresent)
      #expect(!manager.ready())
      #expect(!manager.status("idle"))
    }
  }

  @Test func eachStepOfTheLifeOfAServiceIsOneDatagram() async {
    await #expect(processExitsWith: .success) {
      let socket = NotifySocket()
      let manager = ServiceManager()
      #expect(manager.isPresent)
      #expect(manager.ready(status: "2 registered"))
      #expect(socket.next() == "READY=1\nSTATUS=2 registered")
      #expect(manager.status("3 registered"))
      #expect(socket.next() == "STATUS=3 registered")
      #expect(manager.watchdog())
      #expect(socket.next() == "WATCHDOG=1")
      #expect(manager.extendTimeout(.milliseconds(2500)))
      #expect(socket.next() == "EXTEND_TIMEOUT_USEC=2500000")
      #expect(manager.stopping())
      #expect(socket.next() == "STOPPING=1")
      #expect(socket.next() == "")
    }
  }

  @Test func aReloadCarriesTheTimeAtWhichItBegan() async {
    await #expect(processExitsWith: .success) {
      let socket = NotifySocket()
      var before = timespec()
      clock_gettime(CLOCK_MONOTONIC, &before)
      #expect(ServiceManager().reloading())

      let lines = socket.next().split(separator: "\n")
      try #require(lines.count == 2)
      #expect(lines[0] == "RELOADING=1")
      let microseconds = try #require(lines[1].wholeMatch(of: /MONOTONIC_USEC=([0-9]+)/)?.1)
      #expect(Int(microseconds)! >= before.tv_sec * 1_000_000 + before.tv_nsec / 1000)
    }
  }

  @Test func aStatusCannotSmuggleInASecondAssignment() async {
    await #expect(processExitsWith: .success) {
      let socket = NotifySocket()
      ServiceManager().status("Not now\nMAINPID=1\u{1b}[2J")
      #expect(socket.next() == #"STATUS=Not now\nMAINPID=1\u{1B}[2J"#)
    }
  }

  @Test(arguments: ["x", "é", "👩‍👩‍👧"])
  func aLongStatusIsCutBetweenCharacters(character: String) {
    let line = ServiceManager.statusLine(String(repeating: character, count: 3000))
    #expect(line.utf8.count <= ServiceManager.longestStatus)
    #expect(line.utf8.count > ServiceManager.longestStatus - character.utf8.count)
    #expect(line.allSatisfy { String($0) == character })
  }

  @Test func theWatchdogIsOursOnlyWhenItNamesThisProcess() async {
    await #expect(processExitsWith: .success) {
      setenv("WATCHDOG_USEC", "3000000", 1)
      setenv("WATCHDOG_PID", "\(getpid())", 1)
      #expect(ServiceManager().watchdogInterval == .seconds(3))
      setenv("WATCHDOG_PID", "\(getpid() + 1)", 1)
      #expect(ServiceManager().watchdogInterval == nil)
      unsetenv("WATCHDOG_USEC")
      #expect(ServiceManager().watchdogInterval == nil)
    }
  }

  @Test func microsecondsStopAtTheEnds() {
    #expect(Duration.zero.wholeMicroseconds == 0)
    #expect(Duration.seconds(-1).wholeMicroseconds == 0)
    #expect(Duration.nanoseconds(1999).wholeMicroseconds == 1)
    #expect(Duration.seconds(Int64.max).wholeMicroseconds > UInt64(Int64.max) / 2)
  }
}
