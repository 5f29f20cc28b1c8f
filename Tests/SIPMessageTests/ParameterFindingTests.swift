import Testing

@testable import SIPMessage

/// Parameters that are read in one go are those that are read in full.
@Suite struct ParameterFindingTests {
  private static let usual = [
    ";branch=z9hG4bK1", ";Branch=z9", ";bramble=1", ";branch", ";rport", ";rport=5060", ";lr",
    ";received=[2001:db8::9]",
    #";a="b;branch=c""#, #";+sip.instance="<urn:uuid:1>""#,
  ]

  @Test func whatIsFoundIsWhatThereIs() {
    var random = SystemRandomNumberGenerator()
    var found = 0
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...5, using: &random)
      var written = (0..<count).flatMap { _ in Array(Self.usual.randomElement(using: &random)!.utf8) }
      if let place = written.indices.randomElement(using: &random), Bool.random(using: &random) {
        written[place] = Array(#";=" \[,<Ab"#.utf8).randomElement(using: &random)!
      }
      let text = String(decoding: written, as: UTF8.self)
      let bytes = Bytes(text)
      guard let finding = Parameters.find("branch=", in: bytes.span, from: 0) else { continue }
      let value = finding.value.map { Array(bytes.part($0)) }
      // The value itself is for whoever asked to look at.
      if let value, value.isEmpty || !value.allSatisfy(\.isToken) { continue }
      found += value == nil ? 0 : 1
      let inFull = try? Parameters(parsing: bytes, element: "parameter")
      #expect(inFull != nil, "\(text)")
      #expect(inFull?["branch"].map(Array.init) == value, "\(text)")
    }
    #expect(found > 500)
  }

  @Test(arguments: [";a;b=c", ";a=\"b;c\"", "", ";+sip.instance=\"<urn:uuid:1>\"", ";received=[2001:db8::9]"])
  func whatIsUsualIsFoundOut(text: String) throws {
    let bytes = Bytes(text)
    #expect(Parameters.find("", in: bytes.span, from: 0) != nil)
    _ = try Parameters(parsing: bytes, element: "parameter")
  }
}
