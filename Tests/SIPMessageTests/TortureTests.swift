import Foundation
import SIPMessage
import Testing

/// Every torture message of RFC 4475 and RFC 5118, decided as `Torture/verdicts.tsv` says.
@Suite struct TortureTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Torture")

  struct Row {
    let file, verdict, answer, parser: String
    let isRequest: Bool

    init(_ line: Substring) {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      (file, isRequest, verdict, answer, parser) = (
        columns[0], columns[4].hasPrefix("request"), columns[5], columns[7], columns[8]
      )
    }

    var bytes: [UInt8] { get throws { Array(try Data(contentsOf: TortureTests.folder.appending(path: file))) } }
  }

  static let rows: [Row] = {
    let text = (try? String(contentsOf: folder.appending(path: "verdicts.tsv"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").dropFirst().map(Row.init)
  }()

  /// What the RFC leaves open, and what was chosen here.
  static let choices: [String: (isAccepted: Bool, reason: String)] = [
    "rfc4475/ltgtruri.dat": (false, "a Request-URI has no brackets; who reads over them differs from who does not"),
    "rfc4475/lwsruri.dat": (false, "white space in a Request-URI could end it elsewhere"),
    "rfc4475/lwsstart.dat": (false, "exactly one SP separates the parts of a Request-Line (§7.1)"),
    "rfc4475/trws.dat": (false, "exactly one SP separates the parts of a Request-Line (§7.1)"),
    "rfc4475/escruri.dat": (
      false, "headers in a Request-URI are forbidden (§19.1.1) and somebody's way to inject a Route"
    ),
    "rfc4475/baddate.dat": (true, "nothing here depends on Date"),
    "rfc4475/regbadct.dat": (false, "without <> nobody knows where the URI ends"),
    "rfc4475/badaspec.dat": (false, "white space in a URI could end it elsewhere"),
    "rfc4475/baddn.dat": (false, "no empty line ends the header section, and the display name has a comma"),
    "derived/baddn-terminated.dat": (false, "an unquoted comma separates values"),
  ]

  enum Outcome {
    case accepted(Message), refused(Int), unreadable(MessageError)

    var words: String {
      switch self {
      case .accepted: "accepted"
      case .refused(let status): "refused \(status)"
      case .unreadable(let error): "unreadable: \(error)"
      }
    }
  }

  static func decide(_ bytes: [UInt8]) -> Outcome {
    do {
      let message = try Message(parsing: bytes)
      if let defect = message.defect() { return .refused(message.isRequest ? defect.status : 0) }
      return .accepted(message)
    } catch {
      return .unreadable(error)
    }
  }

  @Test func everyMessageIsDecidedAsItsVerdictSays() throws {
    #expect(Self.rows.count == 63)
    var table = "file".padded(42) + "asked".padded(20) + "decided".padded(26) + "answer of an endpoint\n"
    for row in Self.rows {
      let outcome = Self.decide(try row.bytes)
      table += row.file.padded(42) + row.parser.padded(20) + outcome.words.padded(26) + row.answer + "\n"
      switch (row.parser, outcome) {
      case ("accept", .accepted): break
      case ("reject", .refused(let status)), ("reject-after-parse", .refused(let status)):
        if row.isRequest {
          #expect(row.answer.contains("\(status)"), "\(row.file): \(status) instead of \(row.answer)")
        }
      case ("reject", .unreadable): #expect(!row.isRequest, "\(row.file) could not be answered")
      case ("reject-or-lenient", let outcome):
        let choice = try #require(Self.choices[row.file], "no choice written down for \(row.file)")
        if case .accepted = outcome {
          #expect(choice.isAccepted, "\(row.file)")
        } else {
          #expect(!choice.isAccepted, "\(row.file)")
        }
        if case .unreadable = outcome { Issue.record("\(row.file) could not be answered") }
      case ("no-verdict", _): break
      default: Issue.record("\(row.file): asked \(row.parser), \(outcome.words)")
      }
    }
    for (file, choice) in Self.choices.sorted(by: { $0.key < $1.key }) {
      table += "choice: \(file) is \(choice.isAccepted ? "accepted" : "refused"): \(choice.reason)\n"
    }
    print(table)
  }

  /// What a strict reader refuses and a user agent passes over, and why it may: what it does with these needs no more.
  static let tolerated: [String: String] = [
    "derived/baddn-terminated.dat": "a display name is repeated, not read",
    "rfc4475/badaspec.dat": "To is repeated; only its tag says something",
    "rfc4475/baddn.dat": "as the terminated one, and the datagram ends where it ends",
    "rfc4475/badinv01.dat": "sent-by can be read, and nothing needs the parameters of Via or a Contact",
    "rfc4475/mcl01.dat": "a datagram has an end of its own (§18.3); a stream ends with it",
    "rfc4475/multi01.dat": "of doubled fields the first that can be read counts",
    "rfc4475/ncl.dat": "a datagram has an end of its own (§18.3); a stream ends with it",
    "rfc4475/quotbal.dat": "a display name is repeated, not read",
    "rfc4475/regbadct.dat": "who registers nobody needs no Contact",
    "rfc4475/scalar02.dat": "the number of CSeq is repeated, and nothing needs the other numbers",
    "rfc4475/scalarlg.dat":
      "a match needs the method of CSeq and not its number (§17.1.3); others look at their fields",
    "rfc5118/wire/ipv6-bad.dat": "a Request-URI without brackets names no user of ours",
  ]

  /// A user agent takes what a strict reader takes, and of the rest what is written down. Where both refuse, they do with
  /// the same status.
  @Test func whatAUserAgentPassesOverIsWrittenDown() throws {
    var tolerated: Set<String> = []
    for row in Self.rows {
      guard let message = try? Message(parsing: row.bytes) else { continue }
      let refusal = message.isRequest ? message.refusal()?.status : message.matching.obstacle.map { _ in 0 }
      switch (message.defect(), refusal) {
      case (nil, let refusal): #expect(refusal == nil, "\(row.file)")
      case (_?, nil): tolerated.insert(row.file)
      case (let defect?, let refusal?): #expect(!message.isRequest || defect.status == refusal, "\(row.file)")
      }
    }
    #expect(tolerated.sorted() == Self.tolerated.keys.sorted())
  }

  @Test func noFileIsMissingAndNoneIsUndecided() throws {
    var files: Set<String> = []
    for case let url as URL in try #require(
      FileManager.default.enumerator(at: Self.folder, includingPropertiesForKeys: nil))
    where url.pathExtension == "dat" {
      files.insert(String(url.path.dropFirst(Self.folder.path.count + 1)))
    }
    #expect(files == Set(Self.rows.map(\.file)))
    #expect(Set(Self.choices.keys) == Set(Self.rows.filter { $0.parser == "reject-or-lenient" }.map(\.file)))
  }

  @Test func everyPrefixAndEveryMutationIsSurvived() throws {
    for row in Self.rows {
      let bytes = try row.bytes
      for end in stride(from: 0, to: bytes.count, by: 5) { look(at: Array(bytes[..<end])) }
      for index in bytes.indices {
        for value in [0, 0x0A, 0x0D, 0x22, 0x2C, 0x3B, 0x3C, 0xFF] as [UInt8] where index % 23 == Int(value) % 23 {
          var mutant = bytes
          mutant[index] = value
          look(at: mutant)
        }
      }
    }
  }

  /// Every question that can be asked of a message.
  private func look(at bytes: [UInt8]) {
    guard let message = try? Message(parsing: bytes) else { return }
    _ = message.defect()
    _ = (
      try? message.topmostVia(), try? message.contacts(), message.challenges, message.authenticationInfo,
      message.retryAfter
    )
    let source = Endpoint(address: .v4(0x7F00_0001), port: 5060)
    let answer = message.response(status: 400, reason: "Bad Request", toTag: "t", receivedFrom: source)
    #expect((try? Message(parsing: answer)) != nil)
  }

  @Test func everyMessageIsFramedFromAStreamSplitAtEveryByte() throws {
    for row in Self.rows
    where row.parser == "accept" && !["rfc4475/inv2543.dat", "rfc4475/dblreq.dat"].contains(row.file) {
      let bytes = try row.bytes
      for split in bytes.indices.dropFirst() {
        var framer = MessageFramer()
        framer.append(bytes[..<split])
        #expect(try framer.next() == nil, "\(row.file) at \(split)")
        framer.append(bytes[split...])
        #expect(try framer.next() == .message(bytes), "\(row.file) at \(split)")
      }
    }
  }

  @Test func aTooLargeStreamMessageWaitsForTheRest() throws {
    let bytes = try #require(Self.rows.first { $0.file == "rfc4475/clerr.dat" }).bytes
    var framer = MessageFramer()
    framer.append(bytes)
    #expect(try framer.next() == nil)
  }

  @Test(arguments: ["rfc4475/ncl.dat", "rfc4475/mcl01.dat"])
  func aLieAboutTheLengthEndsTheStream(file: String) throws {
    var framer = MessageFramer()
    framer.append(try #require(Self.rows.first { $0.file == file }).bytes)
    #expect(throws: FramingError.badContentLength) { try framer.next() }
  }

  @Test func trailingBytesOfADatagramAreNoise() throws {
    let bytes = try #require(Self.rows.first { $0.file == "rfc4475/dblreq.dat" }).bytes
    let message = try Message(parsing: bytes)
    #expect(message.method == .register)
    #expect(message.body.isEmpty)
  }

  /// What the notes of the verdicts ask to be readable.
  @Test func valuesOfTortuousMessagesAreRead() throws {
    func message(_ file: String) throws -> Message {
      try Message(parsing: try #require(Self.rows.first { $0.file == file }).bytes)
    }

    let tortuous = try message("rfc4475/wsinv.dat")
    #expect(try tortuous.cSeq() == CSeq(number: 9, method: .invite))
    #expect(tortuous.values(.via).count == 3)
    #expect(try tortuous.topmostVia().branch?.text == "390skdjuw")
    #expect(tortuous.first(.subject)?.isEmpty == true)

    let escapedNull = try message("rfc4475/escnull.dat")
    #expect(try URI.unescaping(#require(try escapedNull.to().uri.user)) == Array("null-".utf8) + [0] + "-null".utf8)
    #expect(try Set(escapedNull.contacts()).count == 2)

    let escaped = try message("rfc4475/esc02.dat")
    #expect(escaped.method == .other("RE%47IST%45R"))
    #expect(try escaped.contacts().count == 2)

    let semicolons = try message("rfc4475/semiuri.dat").requestURI()
    #expect(semicolons.user?.text == "user;par=u%40example.net")
    #expect(semicolons.host == .name("example.com"))
    #expect(semicolons.parameters.isEmpty)

    #expect(try message("rfc4475/longreq.dat").values(.via).count == 34)
    let header = try #require(try message("rfc4475/cparam01.dat").contacts().first?.address)
    #expect(header.parameters.contains("unknownparam") && header.uri.parameters.isEmpty)
    let uri = try #require(try message("rfc4475/cparam02.dat").contacts().first?.address)
    #expect(!uri.parameters.contains("unknownparam") && uri.uri.parameters.contains("unknownparam"))

    let ambiguous = try message("rfc5118/wire/port-ambiguous.dat").requestURI()
    #expect(ambiguous.port == nil && ambiguous.host == Host("[2001:db8::10:5070]"))
    #expect(try message("rfc5118/wire/port-unambiguous.dat").requestURI().port == 5070)
    #expect(
      try message("rfc5118/wire/via-received-param-with-delim.dat").topmostVia().received
        == IPAddress("2001:db8::9:255"))
    #expect(
      try message("rfc5118/wire/via-received-param-no-delim.dat").topmostVia().received == IPAddress("2001:db8::9:255"))
  }
}

extension ContactValue {
  fileprivate var address: NameAddr? { if case .address(let address) = self { address } else { nil } }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    padding(toLength: max(width, count + 1), withPad: " ", startingAt: 0)
  }
}
