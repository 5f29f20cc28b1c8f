import Foundation
import NIOPosix
import RegistrationControl
import Testing

@testable import RegistrationDaemon

@Suite struct ControlServerTests {
  @Test func introducesItself() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1))
    let client = try RawClient(path: bench.path)
    let info = try client.ask(.info, ServiceInfo.self).parameters
    #expect(info.interfaces == ["org.varlink.service", "org.sipregd.Registrations"])
    for interface in info.interfaces {
      let description = try client.ask(.interfaceDescription(interface), InterfaceDescriptionReply.self).parameters
      #expect(description.description.contains("\ninterface \(interface)\n"))
    }
    #expect(throws: ControlError.interfaceNotFound("org.example")) {
      try client.ask(.interfaceDescription("org.example"), InterfaceDescriptionReply.self)
    }
  }

  @Test func answersEveryCall() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 3))
    let client = try RawClient(path: bench.path)
    #expect(try client.ask(.status, StatusReply.self).parameters.status.counts.registered == 3)
    let details = try client.ask(.show(name: "user00001"), ShowReply.self).parameters.details
    #expect(details.account == ScriptedService.account("user00001"))
    let all = AccountSelection(all: true)
    #expect(try client.ask(.refresh(all), RefreshReport.self).parameters.sent == 3)
    #expect(try client.ask(.refresh(all, wait: 9), RefreshReport.self).parameters.refreshed == 3)
    #expect(try client.ask(.pause(all), AffectedReply.self).parameters.affected == 3)
    #expect(try client.ask(.reload(dryRun: true), ReloadReport.self).parameters.added == ["new"])
    #expect(throws: ControlError.reloadFailed(["sipregd.toml:3: unknown key"])) {
      try client.ask(.reload(dryRun: false), ReloadReport.self)
    }
    #expect(throws: ControlError.noSuchAccount("nobody")) { try client.ask(.show(name: "nobody"), ShowReply.self) }
  }

  @Test func aSecondAnswerOfTheServiceIsDropped() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 3))
    let client = try RawClient(path: bench.path)
    #expect(try client.ask(.resume(AccountSelection(all: true)), AffectedReply.self).parameters.affected == 3)
    #expect(try client.ask(.status, StatusReply.self).parameters.status.total == 3)
  }

  @Test func repliesComeInTheOrderOfTheCalls() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 2))
    let client = try RawClient(path: bench.path)
    let calls: [ControlCall] = [.status, .info, .show(name: "nobody"), .show(name: "user00000"), .info]
    client.send(calls.flatMap { $0.frame() })
    _ = try client.reply(StatusReply.self)
    _ = try client.reply(ServiceInfo.self)
    #expect(throws: ControlError.noSuchAccount("nobody")) { try client.reply(ShowReply.self) }
    _ = try client.reply(ShowReply.self)
    _ = try client.reply(ServiceInfo.self)
  }

  @Test func listStreamsEveryAccountOnceAndInOrder() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1_234))
    let client = try RawClient(path: bench.path)
    client.send(ControlCall.list(AccountFilter()).frame(more: true))
    var names: [String] = []
    var continues = true
    while continues {
      let reply = try client.reply(ListReply.self)
      #expect(reply.parameters.accounts.count <= 100)
      names += reply.parameters.accounts.map(\.name)
      continues = reply.continues
    }
    #expect(names.count == 1_234)
    #expect(names == names.sorted())
    #expect(Set(names).count == 1_234)
  }

  @Test func listWithoutMoreIsOneReplyOrAsksForMore() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1_234))
    let client = try RawClient(path: bench.path)
    #expect(throws: ControlError.expectedMore) { try client.ask(.list(AccountFilter()), ListReply.self) }
    let few = try client.ask(.list(AccountFilter(pattern: "user*99")), ListReply.self)
    #expect(few.parameters.accounts.map(\.name).count == 12)
    #expect(!few.continues)
  }

  @Test func aOnewayCallIsDoneAndNotAnswered() throws {
    let service = ScriptedService(accounts: 2)
    let bench = try ControlBench(service: service)
    let client = try RawClient(path: bench.path)
    let selection = AccountSelection(names: ["user00000"])
    client.send(ControlCall.refresh(selection).frame(oneway: true))
    client.send(ControlCall.watch(AccountFilter()).frame(more: true, oneway: true))
    #expect(try client.ask(.status, StatusReply.self).parameters.status.total == 2)
    #expect(service.selections == [selection])
    #expect(service.watchers.isEmpty)
  }

  @Test func whoMayOnlyReadIsToldSo() throws {
    let service = ScriptedService(accounts: 2)
    let bench = try ControlBench(service: service, permissions: ControlPermissions(changers: []))
    let client = try RawClient(path: bench.path)
    let all = AccountSelection(all: true)
    for call in [ControlCall.refresh(all), .pause(all), .resume(all), .reload(dryRun: true)] {
      #expect(throws: ControlError.notPermitted(method: call.method)) { try client.ask(call, AffectedReply.self) }
    }
    #expect(service.selections.isEmpty)
    #expect(try client.ask(.status, StatusReply.self).parameters.status.total == 2)
  }

  @Test func theKernelTellsWhoThePeerIs() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1))
    let channel = try ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(unixDomainSocketPath: bench.path).wait()
    let peer = try PeerCredentials.of(channel).wait()
    #expect(peer == PeerCredentials(processID: getpid(), userID: geteuid(), groupID: getegid()))
    try channel.close().wait()
  }

  @Test func rootAndTheOwnUserMayChange() {
    let permissions = ControlPermissions.rootAndOwnUser
    let own = geteuid()
    for user in [0, own] {
      #expect(permissions.allowsChanges(by: PeerCredentials(processID: 1, userID: user, groupID: 99)))
    }
    #expect(!permissions.allowsChanges(by: PeerCredentials(processID: 1, userID: own + 1, groupID: 0)))
  }

  @Test func wrongCallsAreAnsweredAndTheConnectionGoesOn() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1))
    let client = try RawClient(path: bench.path)
    client.send(Array(#"{"method":"org.sipregd.Registrations.Nothing"}"#.utf8) + [0])
    #expect(throws: ControlError.methodNotFound("org.sipregd.Registrations.Nothing")) {
      try client.reply(StatusReply.self)
    }
    client.send(Array(#"{"method":"org.sipregd.Registrations.Show","parameters":{"name":[]}}"#.utf8) + [0])
    #expect(throws: ControlError.invalidParameter("name")) { try client.reply(StatusReply.self) }
    #expect(throws: ControlError.expectedMore) { try client.ask(.watch(AccountFilter()), WatchReply.self) }
    #expect(try client.ask(.status, StatusReply.self).parameters.status.total == 1)
  }

  @Test func aClientThatHasSentItsLastCallStillGetsItsAnswer() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 250))
    let client = try RawClient(path: bench.path)
    client.send(ControlCall.status.frame() + ControlCall.list(AccountFilter()).frame(more: true))
    client.finishSending()
    #expect(try client.reply(StatusReply.self).parameters.status.total == 250)
    #expect(try client.reply(ListReply.self).continues)
    #expect(try client.reply(ListReply.self).continues)
    #expect(try !client.reply(ListReply.self).continues)
    #expect(throws: RawClient.Closed.self) { try client.receive() }
  }

  @Test func stopClosesConnectionsAndRemovesTheSocket() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1))
    let client = try RawClient(path: bench.path)
    _ = try client.ask(.status, StatusReply.self)
    try bench.stop()
    #expect(throws: RawClient.Closed.self) { try client.receive() }
    #expect(!FileManager.default.fileExists(atPath: bench.path))
  }
}
