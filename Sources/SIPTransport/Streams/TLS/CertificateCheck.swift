import Glibc
import NIOCore
import NIOSSL
import NIOTLS
import SIPMessage

/// Stands behind TLS and lets nothing pass before the peer has proved to be the one that was asked for (RFC 5922 §7): to
/// those behind it the connection becomes active then. What goes wrong with TLS it puts into words.
final class CertificateCheck: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let peer: Host
  private let terms: TLSTerms
  private let tls: NIOSSLHandler
  private let deadline: NIODeadline
  private let remark: (String) -> Void
  private var isPassed = false
  private var timer: Scheduled<Void>?

  /// - Parameters:
  ///   - peer: whom the certificate has to name
  ///   - deadline: until when
  ///   - remark: takes what somebody should know of a peer that passed
  init(peer: Host, terms: TLSTerms, tls: NIOSSLHandler, deadline: NIODeadline, remark: @escaping (String) -> Void) {
    self.peer = peer
    self.terms = terms
    self.tls = tls
    self.deadline = deadline
    self.remark = remark
  }

  func channelActive(context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
      context.fireErrorCaught(TransportFailure(.timedOut, detail: "no answer to the TLS handshake"))
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .handshakeCompleted? = event as? TLSUserEvent, !isPassed else {
      return context.fireUserInboundEventTriggered(event)
    }
    timer?.cancel()
    if let failure = check() { return context.fireErrorCaught(failure) }
    isPassed = true
    context.fireChannelActive()
  }

  private func check() -> TransportFailure? {
    guard let names = tls.peerCertificate?.names else {
      return TransportFailure(.tlsWrongName, detail: "expected \(peer), and the certificate can not be read")
    }
    switch names.identify(peer) {
    case .sipURI, .dnsName, .address: return nil
    case .commonName:
      remark(
        "the certificate of \(peer) names it as its common name only, which new certificates do not: RFC 5922 §7.1")
      return nil
    case nil: return TransportFailure(.tlsWrongName, detail: names.words(insteadOf: peer))
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if isPassed { context.fireChannelRead(data) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    timer?.cancel()
    // Who ends the connection without saying so first ends it all the same: messages say themselves where they end.
    if case NIOSSLError.uncleanShutdown = error { return }
    let account = TLSTrouble(
      peer: peer, terms: terms, certificate: isPassed ? nil : tls.peerCertificate, isAfterHandshake: isPassed)
    context.fireErrorCaught(account.failure(error, now: time(nil)))
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }
}

extension NIOSSLCertificate {
  var names: CertificateNames? { (try? toDERBytes()).flatMap(CertificateNames.init(der:)) }
}
