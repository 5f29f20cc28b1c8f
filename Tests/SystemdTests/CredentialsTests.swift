import Glibc
import Testing

@testable import Systemd

@Suite final class CredentialsTests {
  private let directory: String
  private let credentials: Credentials

  init() throws {
    var template = Array("/tmp/credentials-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    credentials = Credentials(directory: directory)
  }

  deinit {
    for name in ["alice", "long", "empty", "link", "fifo"] { unlink("\(directory)/\(name)") }
    rmdir("\(directory)/folder")
    rmdir(directory)
  }

  @Test func aCredentialIsReadByteForByte() throws {
    let secret = [UInt8]("pässword\n".utf8) + [0, 255]
    try write(secret, to: "alice")
    #expect(try credentials.read("alice") == secret)
    try write([], to: "empty")
    #expect(try credentials.read("empty") == [])
  }

  @Test func aCredentialHasAtMostAMebibyte() throws {
    let longest = [UInt8](repeating: 1, count: Credentials.longest)
    try write(longest, to: "long")
    #expect(try credentials.read("long") == longest)
    try write(longest + [1], to: "long")
    #expect(throws: CredentialError.tooLong) { try credentials.read("long") }
  }

  @Test(arguments: ["", ".", "..", "../alice", "/etc/passwd", "a/b", "a:b", "a\0b", "a\n", "é"])
  func aNameCannotLeaveTheDirectory(name: String) {
    #expect(throws: CredentialError.name) { try credentials.read(name) }
  }

  @Test func aLinkIsNotFollowed() throws {
    try write([1], to: "alice")
    try #require(symlink("\(directory)/alice", "\(directory)/link") == 0)
    #expect(throws: CredentialError.system(ELOOP)) { try credentials.read("link") }
  }

  @Test func onlyAFileIsACredential() throws {
    try #require(mkdir("\(directory)/folder", 0o700) == 0)
    try #require(mkfifo("\(directory)/fifo", 0o600) == 0)
    #expect(throws: CredentialError.notAFile) { try credentials.read("folder") }
    #expect(throws: CredentialError.notAFile) { try credentials.read("fifo") }
  }

  @Test func whatIsNotThereIsSaidSo() {
    #expect(throws: CredentialError.system(ENOENT)) { try credentials.read("nobody") }
    #expect(throws: CredentialError.system(ENOENT)) { try Credentials(directory: "/nowhere").read("nobody") }
  }

  private func write(_ bytes: [UInt8], to name: String) throws {
    let file = open("\(directory)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      try #require(written > 0)
      rest = rest.dropFirst(written)
    }
  }
}
