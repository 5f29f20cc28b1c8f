import Dispatch
import Testing

@testable import RegistrationDaemon

/// A file system that hangs: whoever reads from it is a thread that waits for a semaphore.
@Suite struct PatientReaderTests {
  @Test func whatIsReadInTimeIsHandedOn() async {
    let reader = PatientReader()
    #expect(await reader.read(within: .seconds(600)) { 7 } == 7)
    #expect(!reader.isExhausted)
  }

  @Test func whatHangsIsGivenUpAndTheNextIsRead() async {
    let reader = PatientReader()
    let server = DispatchSemaphore(value: 0)
    for number in 1...PatientReader.mostHanging {
      #expect(!reader.isExhausted)
      let value = await reader.read(within: .milliseconds(1)) {
        server.wait()
        return number
      }
      #expect(value == nil)
      #expect(await reader.read(within: .seconds(600)) { number } == number)
    }
    while !reader.isExhausted { await Task.yield() }
    for _ in 1...PatientReader.mostHanging { server.signal() }
    while reader.isExhausted { await Task.yield() }
  }
}
