import SIPMessage
import SIPUserAgent
import Testing

@testable import DaemonConfiguration

@Suite struct ConfigurationDiffTests {
  private func accounts(_ names: [String], expires: UInt32 = 3600) throws -> [Account] {
    try names.map { name in
      Account(
        name: name, addressOfRecord: try URI("sip:\(name)@example.com"), registrar: try URI("sip:example.com"),
        expires: expires)
    }
  }

  private func configuration(_ names: String...) throws -> Configuration {
    Configuration(accounts: try accounts(names))
  }

  @Test func aConfigurationDoesNotDifferFromItself() throws {
    let configuration = try configuration("a", "b", "c")
    let diff = ConfigurationDiff(from: configuration, to: configuration)
    #expect(diff.isEmpty)
    #expect(diff.unchanged == 3)
  }

  @Test func anotherOrderIsNoChange() throws {
    let diff = ConfigurationDiff(from: try configuration("a", "b", "c"), to: try configuration("c", "a", "b"))
    #expect(diff.isEmpty)
    #expect(diff.unchanged == 3)
  }

  @Test func accountsComeGoAndChange() throws {
    let old = try configuration("a", "b", "c", "d")
    var new = try configuration("e", "d", "b", "a")
    new.accounts[1].expires = 60
    let diff = ConfigurationDiff(from: old, to: new)
    #expect(diff.added.map(\.name) == ["e"])
    #expect(diff.changed == [new.accounts[1]])
    #expect(diff.removed == [old.accounts[2]])
    #expect(diff.unchanged == 2)
  }

  @Test func anotherRegistrarUnderTheSameNameIsAnotherAccount() throws {
    let old = try configuration("a", "b")
    var new = old
    new.accounts[1].registrar = try URI("sip:other.example.com")
    let diff = ConfigurationDiff(from: old, to: new)
    #expect(diff.replaced == [new.accounts[1]])
    #expect(diff.changed.isEmpty)
    #expect(!diff.isEmpty)
  }

  @Test func ofTheSettingsThoseThatWaitForARestartAreTold() {
    var new = Configuration()
    new.daemon.localPort = 5070
    new.daemon.log.target = .stderr
    new.daemon.log.level = .debug
    new.daemon.unregistersOnStop = true
    let diff = ConfigurationDiff(from: Configuration(), to: new)
    #expect(diff.restartSettings == ["local_port", "log.target"])
    #expect(diff.appliedSettings == ["unregister_on_stop", "log.level"])
    #expect(!diff.isEmpty)
  }
}
