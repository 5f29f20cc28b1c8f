import Foundation
import Testing

@testable import DaemonConfiguration

/// The documents of toml-test (https://github.com/toml-lang/toml-test, version 2.1.0, MIT licence beside them) for TOML
/// 1.0: each is read or refused as its name says.
///
/// A line of `TOML/cases.tsv` is the name of a document, a tab, and the document, with `\n`, `\r`, `\t`, `\\` and `\xHH` for
/// what is not printable ASCII.
@Suite struct TOMLSuiteTests {
  private struct Case {
    let name: Substring
    let document: [UInt8]

    init(_ line: Substring) throws {
      let columns = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
      try #require(columns.count == 2, "\(line)")
      name = columns[0]
      document = try Self.bytes(columns[1])
    }

    private static func bytes(_ text: Substring) throws -> [UInt8] {
      var bytes: [UInt8] = []
      var rest = text.utf8[...]
      while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\") else {
          bytes.append(byte)
          continue
        }
        switch rest.popFirst() {
        case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "t"): bytes.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "\\"): bytes.append(UInt8(ascii: "\\"))
        case UInt8(ascii: "x"):
          bytes.append(try #require(UInt8(Substring(rest.prefix(2)), radix: 16)))
          rest = rest.dropFirst(2)
        case let other: throw UnknownEscape(character: other)
        }
      }
      return bytes
    }
  }

  private struct UnknownEscape: Error { let character: UInt8? }

  @Test func everyDocumentIsReadOrRefusedAsItsNameSays() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "TOML/cases.tsv")
    let cases = try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map(Case.init)
    #expect(cases.count { $0.name.hasPrefix("valid/") } == 205)
    #expect(cases.count { $0.name.hasPrefix("invalid/") } == 473)
    for each in cases {
      let isRead = (try? TOMLReader.read(each.document)) != nil
      #expect(isRead == each.name.hasPrefix("valid/"), "\(each.name)")
    }
  }
}
