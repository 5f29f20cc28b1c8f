import Foundation
import Scratch
import Testing

@testable import DaemonConfiguration

/// What stands where a file should be, and who may change it.
@Suite struct ConfigurationSourceTests {
  let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  /// What is no file, and what is said of it.
  enum Thing: CaseIterable {
    case fifo, unixSocket, directory, endless, kernel, deadLink

    var says: String {
      switch self {
      case .fifo: "it is a pipe, not a file on a disk"
      case .unixSocket: "it is a socket, not a file on a disk"
      case .directory: "Is a directory"
      case .endless: "it is a device, not a file on a disk"
      case .kernel: "it is the kernel's, not a file on a disk"
      case .deadLink: "No such file or directory"
      }
    }

    func make(_ path: String) throws {
      switch self {
      case .fifo: try #require(mkfifo(path, 0o600) == 0)
      case .unixSocket:
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: address) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
          }
        }
        try #require(bound == 0)
      case .directory: try #require(mkdir(path, 0o700) == 0)
      case .endless: try #require(symlink("/dev/zero", path) == 0)
      case .kernel: try #require(symlink("/proc/self/status", path) == 0)
      case .deadLink: try #require(symlink("nowhere", path) == 0)
      }
    }
  }

  private func errors(_ path: String) throws -> [String] {
    let errors = try #require(throws: ConfigurationErrors.self) { try Configuration.load(path) }
    return errors.errors.map { $0.message.replacing(scratch.path, with: "DIR") }
  }

  @Test(arguments: Thing.allCases) func whatIsNoFileHoldsNobodyUp(thing: Thing) throws {
    try thing.make(scratch.file("x"))
    #expect(try errors(scratch.file("x")) == ["cannot read the file: \(thing.says)"])
    let list = try scratch.write("[daemon]\naccounts_file = \"x\"\n", to: "list.toml")
    #expect(try errors(list) == ["accounts_file: cannot read DIR/x: \(thing.says)"])
    let password = try scratch.write(
      "[[account]]\naor = \"sip:a@b.example\"\npassword_file = \"x\"\n", to: "password.toml")
    #expect(try errors(password) == ["password_file: cannot read DIR/x: \(thing.says)"])
  }

  @Test func aFileThatIsTooLongIsNotRead() throws {
    let path = try scratch.write("[daemon]\naccounts_file = \"x\"\n", to: "list.toml")
    try scratch.write("", to: "x")
    try #require(truncate(scratch.file("x"), 1 << 33) == 0)
    #expect(try errors(path) == ["accounts_file: cannot read DIR/x: it is longer than 1024 MiB"])
    #expect(try errors(scratch.file("x")) == ["is longer than 64 MiB; see accounts_file"])
  }

  // MARK: Open doors

  private static func door(_ name: String, _ mode: String) -> String {
    "DIR/\(name) may be changed by every user (mode \(mode)); run: chmod o-w DIR/\(name)"
  }

  @Test(arguments: [0o666, 0o602, 0o777, 0o622])
  func aFileThatEverybodyMayChangeIsRefusedWithoutASecretInIt(mode: Int) throws {
    let octal = "0" + String(mode, radix: 8)
    let file = try scratch.write("[[account]]\naor = \"sip:a@b.example\"\n", to: "a.toml", mode: mode)
    #expect(try errors(file) == [Self.door("a.toml", octal)])
    try scratch.write(#"{"aor": "sip:a@b.example"}"#, to: "a.jsonl", mode: mode)
    #expect(
      try errors(scratch.write("[daemon]\naccounts_file = \"a.jsonl\"\n", to: "b.toml")) == [
        Self.door("a.jsonl", octal)
      ])
    #expect(try errors(scratch.write("x = y\n", to: "c.toml", mode: mode)).count == 2)
  }

  @Test func whatIsOpenToReadersAndHoldsASecretIsSaidOnce() throws {
    let account = "[[account]]\naor = \"sip:a@b.example\"\npassword = \"x\"\n"
    #expect(try errors(scratch.write(account, to: "a.toml", mode: 0o666)).count == 1)
    try scratch.write(#"{"aor": "sip:a@b.example", "password": "x"}"#, to: "a.jsonl", mode: 0o666)
    #expect(try errors(scratch.write("[daemon]\naccounts_file = \"a.jsonl\"\n", to: "b.toml")).count == 1)
  }

  @Test(arguments: [0o400, 0o440, 0o444, 0o600, 0o640, 0o644, 0o660, 0o664, 0o755])
  func aFileThatOthersMayOnlyReadIsRead(mode: Int) throws {
    let file = try scratch.write("[[account]]\naor = \"sip:a@b.example\"\n", to: "a.toml", mode: mode)
    #expect(try Configuration.load(file).accounts.count == 1)
  }

  @Test(
    arguments: [
      (0o666, 0, 0, .everybody), (0o602, 7, 7, .everybody), (0o664, 0, 0, nil), (0o660, 7, 7, nil),
      (0o660, 7, 100, nil),
      (0o660, 7, 8, .group(8)), (0o620, 0, 8, .group(8)), (0o640, 0, 8, nil), (0o644, 7, 8, nil), (0o400, 0, 8, nil),
    ] as [(mode_t, uid_t, gid_t, OpenDoor.Stranger?)])
  func aGroupIsAStrangerUnlessItIsRootsTheOwnersOrOurs(
    mode: mode_t, owner: uid_t, group: gid_t, stranger: OpenDoor.Stranger?
  ) {
    #expect(OpenDoor.stranger(mode: mode, owner: owner, group: group, ownGroups: [100, 101]) == stranger)
  }

  @Test(arguments: [(0o777, true), (0o757, true), (0o1777, false), (0o775, false), (0o755, false), (0o700, false)])
  func aDirectoryInWhichEverybodyMayReplaceFilesIsRefused(mode: mode_t, isRefused: Bool) throws {
    let directory = scratch.file("etc")
    try #require(mkdir(directory, 0o700) == 0)
    try scratch.write(
      "[[account]]\naor = \"sip:a@b.example\"\npassword_file = \"\(directory)/secret\"\n", to: "etc/a.toml")
    try scratch.write("x\n", to: "etc/secret")
    try #require(symlink("etc/a.toml", scratch.file("link.toml")) == 0 && chmod(directory, mode) == 0)
    for path in ["etc/a.toml", "link.toml"].map(scratch.file) {
      guard isRefused else {
        #expect(try Configuration.load(path).accounts.count == 1)
        continue
      }
      let name = path.replacing(scratch.path, with: "DIR")
      #expect(
        try errors(path).first == "\(name) may be replaced by every user, who may change its directory DIR/etc "
          + "(mode 0\(String(mode, radix: 8))); run: chmod o-w DIR/etc")
    }
  }

  @Test func whatIsToBeRunCanBeRun() {
    #expect(shellWord("/etc/sipregd/a-b_1.toml") == "/etc/sipregd/a-b_1.toml")
    #expect(shellWord("/my files/it's;rm -rf") == "'/my files/it'\\''s;rm -rf'")
  }
}
