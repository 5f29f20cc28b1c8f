import Glibc
import Testing

@testable import Systemd

@Suite struct JournalTests {
  @Test func thereIsAJournalOnlyBehindTheStreamThatTheManagerConnected() throws {
    var pipe: [Int32] = [0, 0]
    try #require(Glibc.pipe(&pipe) == 0)
    defer { pipe.forEach { close($0) } }
    var status = stat()
    try #require(fstat(pipe[1], &status) == 0)

    #expect(Journal(stream: "\(status.st_dev):\(status.st_ino)", descriptor: pipe[1]) != nil)
    #expect(Journal(stream: "\(status.st_dev):\(status.st_ino + 1)", descriptor: pipe[1]) == nil)
    #expect(Journal(stream: "", descriptor: pipe[1]) == nil)
    #expect(Journal(stream: "\(status.st_dev):\(status.st_ino)", descriptor: -1) == nil)
  }

  @Test func anEntryIsItsMessageItsPriorityAndItsFields() throws {
    let entry = try JournalEntry(
      message: "registered", priority: .notice,
      fields: [.init("SIP_ACCOUNT", "alice"), .init("SIP_STATUS", "200")])
    #expect(items(of: entry) == ["MESSAGE=registered", "PRIORITY=5", "SIP_ACCOUNT=alice", "SIP_STATUS=200"])
  }

  @Test func whatAPeerSentCannotForgeALine() throws {
    let entry = try JournalEntry(
      message: "refused: Go\r\naway", priority: .error, fields: [.init("SIP_REASON", "a\nPRIORITY=0\u{9b}1m\u{202e}")])
    #expect(
      items(of: entry) == [
        #"MESSAGE=refused: Go\r\naway"#, "PRIORITY=3", #"SIP_REASON=a\nPRIORITY=0\u{009B}1m\u{202E}"#,
      ])
  }

  @Test func aTracedMessageKeepsItsLines() throws {
    let entry = try JournalEntry(
      message: "sent", priority: .debug, fields: [.init("SIP_MESSAGE", "REGISTER\r\nVia: x\r\n", verbatim: true)])
    #expect(items(of: entry).last == "SIP_MESSAGE=REGISTER\r\nVia: x\r\n")
  }

  @Test(arguments: ["", "_PID", "sip", "1ST", "A-B", "A=B", "A\nB", "É", String(repeating: "A", count: 65)])
  func aFieldNameThatTheJournalWouldDropIsAnError(name: String) {
    #expect(throws: JournalError.fieldName(name)) {
      try JournalEntry(message: "", priority: .info, fields: [.init(name, "")])
    }
  }

  @Test(arguments: ["A", "SIP_CALL_ID", "MESSAGE_ID", "A1_", String(repeating: "A", count: 64)])
  func capitalsDigitsAndUnderscoresMakeAFieldName(name: String) {
    #expect(JournalEntry.isFieldName(name))
  }

  @Test func textForPeopleStaysAsItIs() {
    #expect("Grüße an “Bob” \\ 👋".onOneLine == "Grüße an “Bob” \\ 👋")
    #expect("\t\u{7f}\u{85}\u{2028}".onOneLine == #"\t\u{7F}\u{0085}\u{2028}"#)
  }

  private func items(of entry: JournalEntry) -> [String] {
    var entry = entry
    return entry.withVectors { vectors in
      vectors.map { String(decoding: UnsafeRawBufferPointer(start: $0.iov_base, count: $0.iov_len), as: UTF8.self) }
    }
  }
}
