import Foundation
import Scratch

/// Makes certificates with `openssl`, as those of providers are: one authority, and whom it is asked to vouch for.
final class CertificateAuthority: Sendable {
  struct Issued: Sendable {
    var certificate: String
    var key: String
  }

  struct Failure: Error { var words: String }

  static let shared = Result { try CertificateAuthority(named: "Test Authority") }

  let scratch: ScratchDirectory
  var file: String { scratch.file("ca.pem") }

  init(named name: String) throws {
    scratch = try ScratchDirectory()
    try openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650", "-subj",
      "/CN=\(name)", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", scratch.file("ca.key"), "-out", file)
    try scratch.write(
      """
      [ca]
      default_ca = own
      [own]
      database = \(scratch.file("index"))
      new_certs_dir = \(scratch.path)
      rand_serial = yes
      default_md = sha256
      unique_subject = no
      policy = any
      [any]
      commonName = optional
      organizationName = optional
      """, to: "ca.cnf")
  }

  /// - Parameters:
  ///   - names: of subjectAltName, as `openssl` writes them: `URI:sip:a.test`, `DNS:a.test`, `IP:192.0.2.1`; none: there is
  ///     no subjectAltName
  ///   - days: from when and until when it is valid, counted from today
  ///   - usage: extendedKeyUsage; nil: it may be used for anything
  func issue(
    _ names: [String], subject: String = "/O=Test", days: Range<Int> = -1..<30, usage: String? = nil
  ) throws -> Issued {
    let name = UUID().uuidString
    let issued = Issued(certificate: scratch.file("\(name).pem"), key: scratch.file("\(name).key"))
    // Two at a time would write one index.
    let index = "index-\(name)"
    try scratch.write("", to: index)
    let configuration = try String(decoding: scratch.data("ca.cnf"), as: UTF8.self)
    var extensions = "basicConstraints = CA:FALSE\n"
    if let usage { extensions += "extendedKeyUsage = \(usage)\n" }
    if !names.isEmpty { extensions += "subjectAltName = \(names.joined(separator: ","))\n" }
    try scratch.write(
      configuration.replacing(scratch.file("index"), with: scratch.file(index)) + "\n[leaf]\n" + extensions,
      to: "\(name).cnf")
    try openssl(
      "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", subject, "-keyout",
      issued.key, "-out", scratch.file("\(name).csr"))
    try openssl(
      "ca", "-batch", "-notext", "-config", scratch.file("\(name).cnf"), "-cert", file, "-keyfile",
      scratch.file("ca.key"),
      "-in", scratch.file("\(name).csr"), "-startdate", date(days.lowerBound), "-enddate", date(days.upperBound),
      "-extensions", "leaf", "-out", issued.certificate)
    return issued
  }

  /// 20261130120000Z
  private func date(_ days: Int) -> String {
    let seconds = TimeInterval(days * 86_400)
    let parts = Calendar(identifier: .gregorian).dateComponents(
      in: TimeZone(secondsFromGMT: 0)!, from: Date(timeIntervalSinceNow: seconds))
    let numbers = [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second].map { $0 ?? 0 }
    return numbers.map { ($0 < 10 ? "0" : "") + String($0) }.joined() + "Z"
  }
}

/// - Throws: what it says when it does not do it
func openssl(_ arguments: String...) throws {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
  process.arguments = arguments
  let said = Pipe()
  process.standardError = said
  process.standardOutput = FileHandle.nullDevice
  try process.run()
  let words = said.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard process.terminationStatus == 0 else {
    throw CertificateAuthority.Failure(words: String(decoding: words, as: UTF8.self))
  }
}
