import Foundation
import RegistrationControl
import Testing

@testable import RegistrationDaemon

@Suite struct ControlSocketTests {
  private func inDirectory(_ body: (String) throws -> Void) throws {
    let directory = "/tmp/sipregd-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func theGroupMayConnectAndNobodyElse() throws {
    try inDirectory { directory in
      let path = directory + "/run/control"
      let descriptor = try ControlSocket.bind(path: path)
      defer { close(descriptor) }
      #expect(mode(path) == 0o660)
      #expect(mode(directory + "/run") & ~0o750 == 0)
    }
  }

  @Test func aDeadSocketOfAnEarlierRunIsReplaced() throws {
    try inDirectory { directory in
      let path = directory + "/control"
      close(try ControlSocket.bind(path: path))
      let descriptor = try ControlSocket.bind(path: path)
      close(descriptor)
    }
  }

  @Test func aLivingDaemonKeepsItsSocket() throws {
    let bench = try ControlBench(service: ScriptedService(accounts: 1))
    #expect(throws: ControlSocket.Failure.inUse(bench.path)) { try ControlSocket.bind(path: bench.path) }
    let client = try RawClient(path: bench.path)
    #expect(try client.ask(.status, StatusReply.self).parameters.status.total == 1)
  }

  @Test func whatIsNotASocketIsLeftAlone() throws {
    try inDirectory { directory in
      let file = directory + "/file"
      try Data("precious".utf8).write(to: URL(fileURLWithPath: file))
      let link = directory + "/link"
      #expect(symlink(file, link) == 0)
      let dangling = directory + "/dangling"
      #expect(symlink(directory + "/nowhere", dangling) == 0)
      for path in [file, link, dangling] {
        #expect(throws: ControlSocket.Failure.notASocket(path)) { try ControlSocket.bind(path: path) }
      }
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
      #expect(!FileManager.default.fileExists(atPath: directory + "/nowhere"))
    }
  }

  @Test func aPathThatDoesNotFitIsAnError() {
    let path = "/tmp/" + String(repeating: "x", count: 200)
    #expect(throws: ControlSocket.Failure.pathTooLong(path, limit: 107)) { try ControlSocket.bind(path: path) }
  }

  @Test func theSocketOfASuccessorIsNotRemoved() throws {
    try inDirectory { directory in
      let path = directory + "/control"
      let first = try ControlSocket.bind(path: path)
      let identity = ControlSocket.Identity(path: path)
      let second = try ControlSocket.bind(path: path)
      ControlSocket.remove(path: path, identity: identity)
      #expect(FileManager.default.fileExists(atPath: path))
      close(first)
      close(second)
    }
  }
}
