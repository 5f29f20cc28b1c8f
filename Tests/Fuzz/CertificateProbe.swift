import SIPMessage

@testable import SIPTransport

/// Reads an input as the certificate of a peer: it names nobody whose letters are not in it.
enum CertificateProbe {
  private static let expected = "a.test"

  static func run(_ bytes: [UInt8]) {
    guard let names = CertificateNames(der: bytes) else { return }
    let lowered = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    if names.identify(.name(expected)) != nil {
      let isThere = lowered.indices.contains { lowered[$0...].starts(with: expected.utf8) }
      precondition(isThere, "a certificate names whom it does not name: \(names)")
    }
    precondition(names.identify(.address(.v4(0x7F00_0001))) == nil || bytes.count > 4, "an address out of nothing")
    let words = names.words(insteadOf: .name(expected))
    precondition(words.utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "words that a terminal obeys")
    precondition(words.utf8.count < 1_000, "words without an end")
  }
}
