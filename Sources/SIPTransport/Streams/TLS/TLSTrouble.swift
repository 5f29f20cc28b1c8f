import Glibc
import NIOCore
import NIOSSL
import SIPMessage

/// Puts what BoringSSL reports into the words of somebody who has to mend it, with the names involved.
struct TLSTrouble {
  let peer: Host
  let terms: TLSTerms
  /// What the peer showed, if the handshake came that far.
  var certificate: NIOSSLCertificate?
  var isAfterHandshake = false

  func failure(_ error: any Error, now: time_t) -> TransportFailure {
    if let failure = error as? TransportFailure { return failure }
    if error is IOError || error is ChannelError { return TransportFailure(error) }
    return failure(of: "\(error)", now: now)
  }

  /// - Parameter text: the names of BoringSSL's reasons are in it
  private func failure(of text: String, now: time_t) -> TransportFailure {
    func says(_ reasons: String...) -> Bool { reasons.contains { text.contains($0) } }
    if says("CERTIFICATE_VERIFY_FAILED") { return TransportFailure(.tlsUntrusted, detail: distrust(now)) }
    if says("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL") {
      return TransportFailure(.tlsRefused, detail: "\(peer) speaks no TLS 1.2 and none that is newer")
    }
    if says("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNEXPECTED_RECORD"), !isAfterHandshake {
      return TransportFailure(
        .tlsNotSpoken, detail: "\(peer) answers, but not by TLS: is it the port of another transport?")
    }
    if says("EOF during handshake") {
      return TransportFailure(.tlsNotSpoken, detail: "\(peer) ended the connection within the TLS handshake")
    }
    if let refusal = refusals.first(where: { text.contains($0.reason) }) {
      return TransportFailure(.tlsRefused, detail: refusal.words)
    }
    return TransportFailure(.tlsFailed, detail: Self.reason(in: text))
  }

  /// What the alerts of RFC 8446 §6.2 mean here.
  private var refusals: [(reason: String, words: String)] {
    let ours = terms.certificate.map { "our certificate in \($0)" }
    let wanted = "\(peer) wants a certificate of ours, and none is configured"
    return [
      ("CERTIFICATE_REQUIRED", ours.map { "\(peer) does not take \($0) for one" } ?? wanted),
      ("ALERT_UNKNOWN_CA", ours.map { "\(peer) trusts no authority that vouches for \($0)" } ?? wanted),
      ("ALERT_CERTIFICATE_EXPIRED", "\(peer) says that \(ours ?? "a certificate of ours") has expired"),
      ("ALERT_CERTIFICATE_REVOKED", "\(peer) says that \(ours ?? "a certificate of ours") was revoked"),
      ("CERTIFICATE", ours.map { "\(peer) refuses \($0)" } ?? wanted),
      ("ALERT_ACCESS_DENIED", ours.map { "\(peer) does not let in the owner of \($0)" } ?? wanted),
      ("UNRECOGNIZED_NAME", "there they do not know \(peer)"),
      (
        "HANDSHAKE_FAILURE",
        ours == nil ? "\(peer) has no cipher in common with us, or wants a certificate of ours" : "\(peer) refuses us"
      ),
    ]
  }

  private func distrust(_ now: time_t) -> String {
    guard let certificate, let names = certificate.names else {
      return "\(peer) shows no certificate that can be trusted"
    }
    if certificate.notValidAfter < now { return "that of \(peer) expired on \(Self.day(certificate.notValidAfter))" }
    if certificate.notValidBefore > now {
      return
        "that of \(peer) is not valid before \(Self.day(certificate.notValidBefore)); is the clock of this host right?"
    }
    if !names.isForServers { return "that of \(peer) is not one for servers: its extended key usage says so" }
    let trust = terms.authorities.map { "the authorities in \($0)" } ?? "the authorities of this system"
    if names.isSelfSigned { return "that of \(peer) is signed by nobody but itself, and not among \(trust)" }
    let issuer = names.issuer.map { CertificateNames.printable($0) } ?? "somebody without a name"
    return "that of \(peer) is signed by \(issuer), which is not among \(trust), nor signed by one of them"
  }

  /// 2026-11-30
  private static func day(_ time: time_t) -> String {
    var time = time
    var date = tm()
    gmtime_r(&time, &date)
    func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(date.tm_year + 1_900)-\(two(date.tm_mon + 1))-\(two(date.tm_mday))"
  }

  /// The name of the reason, out of `error:1000007d:SSL routines:OPENSSL_internal:REASON at FILE:LINE`.
  private static func reason(in text: String) -> String {
    guard let start = text.firstRange(of: "OPENSSL_internal:") else { return text }
    return text[start.upperBound...].prefix { $0 != " " }.lowercased().replacing("_", with: " ")
  }
}
