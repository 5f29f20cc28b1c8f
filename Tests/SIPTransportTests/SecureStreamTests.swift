import NIOCore
import NIOPosix
import NIOSSL
import SIPMessage
import SIPTransport
import Scratch
import Testing

/// TLS with a server of a library: who is let in, and in which words not.
@Suite(.timeLimit(.minutes(1))) struct SecureStreamTests {
  private let authority: CertificateAuthority

  init() throws { authority = try CertificateAuthority.shared.get() }

  private func reason(_ events: [TransportEvent]) -> TransportFailure? {
    for event in events {
      switch event {
      case .sendFailed(_, let failure): return failure
      case .connectionClosed(let end): return end.failure
      case .received, .unreachable, .pong, .bindingAnswered, .remarked: continue
      }
    }
    return nil
  }

  /// Each row of RFC 5922 with a server that shows such a certificate.
  @Test(arguments: IdentityCase.table)
  func aServerIsSpokenToWhenItsCertificateNamesWhomItIsTakenFor(_ row: IdentityCase) async throws {
    let issued = try authority.issue(row.names, subject: row.commonName.map { "/CN=\($0)" } ?? "/O=Test")
    let server = try await SecureServer(issued)
    let alice = try Peer(ConnectionProfile(trusting: authority))
    alice.send(message("hello"), to: .target(server.target(alice.layer, expecting: row.expected)), token: 7)
    guard let evidence = row.evidence else {
      let events = await alice.events(1)
      #expect(events.first?.failedToken == 7)
      let failure = try #require(reason(events))
      #expect(failure.kind == .tlsWrongName)
      #expect(failure.detail.hasPrefix("expected \(row.host), the certificate names "))
      #expect(failure.detail.hasSuffix(row.remark))
      #expect(alice.layer.counters.streamMessagesOut == 0)
      return
    }
    #expect(await server.inbox.next() == message("hello"))
    let events = await alice.events(evidence == .commonName ? 2 : 1)
    #expect(events.compactMap(\.bytes) == [Array(message("answer").utf8)])
    guard evidence == .commonName else { return }
    guard case .remarked(_, let words) = events[0] else {
      Issue.record("nothing is said of the common name: \(events)")
      return
    }
    #expect(words.hasPrefix("the certificate of \(row.host) names it as its common name only"))
  }

  @Test func aCertificateThatIsOverIsRefusedWithItsDay() async throws {
    let words = try await refusal(try authority.issue(["DNS:a.test"], days: -9 ..< -1))
    #expect(words.kind == .tlsUntrusted)
    #expect(words.description.contains(/^certificate not trusted \(that of a\.test expired on 20\d\d-\d\d-\d\d\)$/))
  }

  @Test func aCertificateThatIsNotYetValidIsRefusedWithItsDay() async throws {
    let words = try await refusal(try authority.issue(["DNS:a.test"], days: 2..<9))
    #expect(words.kind == .tlsUntrusted)
    #expect(words.detail.contains(/^that of a\.test is not valid before 20\d\d-\d\d-\d\d; is the clock/))
  }

  @Test func anAuthorityThatNobodyTrustsIsNamed() async throws {
    let other = try CertificateAuthority(named: "Other Authority")
    let words = try await refusal(try other.issue(["DNS:a.test"]))
    #expect(words.kind == .tlsUntrusted)
    #expect(
      words.detail
        == "that of a.test is signed by Other Authority, which is not among the authorities in \(authority.file), nor signed by one of them"
    )
  }

  @Test func aCertificateThatVouchesForItselfIsNotTrusted() async throws {
    let scratch = try ScratchDirectory()
    let issued = CertificateAuthority.Issued(certificate: scratch.file("own.pem"), key: scratch.file("own.key"))
    try openssl(
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=a.test",
      "-addext", "subjectAltName=DNS:a.test", "-keyout", issued.key, "-out", issued.certificate)
    let words = try await refusal(issued)
    #expect(
      words.detail
        == "that of a.test is signed by nobody but itself, and not among the authorities in \(authority.file)")
  }

  /// Nor is it said that nobody vouches for it.
  @Test func aCertificateForClientsAloneIsNotTrustedOfAServer() async throws {
    let words = try await refusal(try authority.issue(["DNS:a.test"], usage: "clientAuth,1.3.6.1.5.5.7.3.20"))
    #expect(words.kind == .tlsUntrusted)
    #expect(words.detail == "that of a.test is not one for servers: its extended key usage says so")
  }

  @Test(arguments: ["serverAuth", "critical,clientAuth,serverAuth"])
  func aCertificateForServersAmongOthersIsTrusted(_ usage: String) async throws {
    let server = try await SecureServer(try authority.issue(["DNS:a.test"], usage: usage))
    let alice = try Peer(ConnectionProfile(trusting: authority))
    alice.send(message("hello"), to: .target(server.target(alice.layer, expecting: "a.test")))
    #expect(await server.inbox.next() == message("hello"))
  }

  @Test func aServerWithoutTLSIsToldFromOneThatRefuses() async throws {
    let issued = try authority.issue(["DNS:a.test"])
    let server = try await SecureServer(issued, wrapped: false)
    let words = try await refusal(of: server)
    #expect(words.kind == .tlsNotSpoken)
    #expect(words.detail == "a.test answers, but not by TLS: is it the port of another transport?")
  }

  @Test func aServerThatSaysNothingIsWaitedForOnlySoLong() async throws {
    let deaf = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(host: "127.0.0.1", port: 0)
      .get()
    let alice = try Peer(ConnectionProfile(trusting: authority)) { $0.connectTimeout = .milliseconds(300) }
    let target = Target(
      transport: .tls, profile: ProfileID(number: 1), serverName: alice.layer.serverName(of: "a.test")!,
      endpoint: Endpoint(deaf.localAddress!)!)
    alice.send(message("hello"), to: .target(target))
    let words = try #require(reason(await alice.events(1)))
    #expect(words.description == "timed out (no answer to the TLS handshake)")
    #expect(alice.layer.counters.connectionsOpen == 0)
    try await deaf.close()
  }

  @Test func aServerOfYesterdayIsRefused() async throws {
    let server = try await SecureServer(try authority.issue(["DNS:a.test"])) {
      ($0.minimumTLSVersion, $0.maximumTLSVersion) = (.tlsv1, .tlsv11)
    }
    let words = try await refusal(of: server)
    #expect(words.description == "TLS refused (a.test speaks no TLS 1.2 and none that is newer)")
  }

  @Test(arguments: [TLSVersion.tlsv12, .tlsv13])
  func aServerThatWantsToKnowWhoWeAreSaysSo(_ version: TLSVersion) async throws {
    let trusted = authority
    let server = try await SecureServer(try authority.issue(["DNS:a.test"])) {
      ($0.minimumTLSVersion, $0.maximumTLSVersion) = (version, version)
      $0.certificateVerification = .noHostnameVerification
      $0.trustRoots = .file(trusted.file)
    }
    let words = try await refusal(of: server)
    #expect(words.kind == .tlsRefused)
    #expect(words.detail.contains("a.test"))

    let own = try authority.issue(["URI:sip:us.test"])
    let alice = try Peer(ConnectionProfile(trusting: authority, as: own))
    alice.send(message("hello"), to: .target(server.target(alice.layer, expecting: "a.test")))
    #expect(await server.inbox.next() == message("hello"))

    let strangers = try CertificateAuthority(named: "Strangers")
    let stranger = try strangers.issue(["URI:sip:us.test"])
    let mallory = try Peer(ConnectionProfile(trusting: authority, as: stranger))
    mallory.send(message("hello"), to: .target(server.target(mallory.layer, expecting: "a.test")))
    let refusal = try #require(reason(await mallory.events(1)))
    #expect(refusal.kind == .tlsRefused)
    #expect(refusal.detail.contains(stranger.certificate))
    withExtendedLifetime(strangers) {}
  }

  private func refusal(_ issued: CertificateAuthority.Issued) async throws -> TransportFailure {
    try await refusal(of: try await SecureServer(issued))
  }

  private func refusal(of server: SecureServer) async throws -> TransportFailure {
    let alice = try Peer(ConnectionProfile(trusting: authority))
    alice.send(message("hello"), to: .target(server.target(alice.layer, expecting: "a.test")))
    return try #require(reason(await alice.events(1)))
  }
}

extension SecureStreamTests {
  @Test func whoeverExpectsAnotherNameOrBearsAnotherCertificateDoesNotShareAConnection() async throws {
    let server = try await SecureServer(try authority.issue(["DNS:a.test", "DNS:b.test"]))
    let alice = try Peer()
    let profile = ConnectionProfile(trusting: authority)
    let own = ConnectionProfile(trusting: authority, as: try authority.issue(["URI:sip:us.test"]))
    try alice.layer.use(profiles: [profile, own])
    for (host, number) in [("a.test", 1), ("A.test", 1), ("b.test", 1), ("a.test", 2)] as [(String, UInt16)] {
      let target = server.target(alice.layer, expecting: host, profile: ProfileID(number: number))
      alice.send(message("hello"), to: .target(target))
      #expect(await server.inbox.next() == message("hello"))
    }
    #expect(alice.layer.counters.connectionsOpen == 3)
  }

  @Test func keepAlivesTravelInsideOfTLS() async throws {
    let server = try await SecureServer(try authority.issue(["DNS:a.test"]))
    let alice = try Peer(ConnectionProfile(trusting: authority))
    let target = server.target(alice.layer, expecting: "a.test")
    alice.send(message("hello"), to: .target(target))
    #expect(await alice.received() != nil)
    alice.layer.keepAlive(over: .target(target))
    guard case .pong(let flow)? = await alice.events(1).first else {
      Issue.record("no pong")
      return
    }
    #expect(flow.target == target)
  }

  /// It is no failure, and what follows goes over another connection.
  @Test func aServerThatEndsTheConnectionAfterEachAnswerIsSpokenToAgain() async throws {
    let server = try await SecureServer(try authority.issue(["DNS:a.test"]), closes: true)
    let alice = try Peer(ConnectionProfile(trusting: authority))
    let target = server.target(alice.layer, expecting: "a.test")
    for token in UInt64(1)...3 {
      alice.send(message("hello"), to: .target(target), token: token)
      let events = await alice.events(2)
      #expect(events.first?.bytes == Array(message("answer").utf8))
      guard case .connectionClosed(let end)? = events.last else {
        Issue.record("expected an end: \(events)")
        return
      }
      #expect(end.failure == nil && end.hasBroughtMessages && end.carried == [token])
    }
  }

  @Test func certificatesAreReadAnewAndConnectionsStay() async throws {
    let server = try await SecureServer(try authority.issue(["DNS:a.test"]))
    let scratch = try ScratchDirectory()
    let other = try CertificateAuthority(named: "Other Authority")
    try scratch.write(try authority.scratch.data("ca.pem"), to: "trusted.pem")
    var profile = ConnectionProfile()
    profile.authorities = scratch.file("trusted.pem")
    let alice = try Peer(profile)
    let target = server.target(alice.layer, expecting: "a.test")
    alice.send(message("hello"), to: .target(target))
    #expect(await alice.received() != nil)

    try scratch.write("nonsense", to: "trusted.pem")
    #expect(throws: ProfileError(path: scratch.file("trusted.pem"), problem: "holds no certificate in PEM form")) {
      try alice.layer.use(profiles: [profile])
    }
    try scratch.write(try other.scratch.data("ca.pem"), to: "trusted.pem")
    try alice.layer.use(profiles: [profile])
    alice.send(message("hello"), to: .target(target))
    #expect(await alice.received() != nil)
    let anew = server.target(alice.layer, expecting: "b.test")
    alice.send(message("hello"), to: .target(anew))
    #expect(reason(await alice.events(1))?.kind == .tlsUntrusted)
  }

  @Test func aProfileThatCanNotBeUsedSaysWhatIsWrongWithWhichFile() async throws {
    let alice = try Peer()
    let own = try authority.issue(["URI:sip:us.test"])
    let other = try authority.issue(["URI:sip:them.test"])
    func problem(_ change: (inout ConnectionProfile) -> Void) -> ProfileError? {
      var profile = ConnectionProfile()
      change(&profile)
      do throws(ProfileError) {
        try alice.layer.use(profiles: [profile])
        return nil
      } catch {
        return error
      }
    }
    #expect(
      problem { $0.authorities = "/nowhere/ca.pem" }?.description
        == "/nowhere/ca.pem: can not be read (No such file or directory)")
    #expect(problem { $0.authorities = own.key }?.problem == "holds no certificate in PEM form")
    #expect(
      problem { ($0.certificate, $0.privateKey) = (own.certificate, other.key) }
        == ProfileError(path: other.key, problem: "is not the key of the certificate in \(own.certificate)"))
    #expect(
      problem { ($0.certificate, $0.privateKey) = (own.certificate, own.certificate) }?.problem
        == "holds no private key in PEM form that is without a passphrase")
    #expect(problem { $0.webSocketPath = "/ws HTTP/1.1\r\nX: y" }?.problem.hasPrefix("is no path") == true)
    #expect(problem { ($0.certificate, $0.privateKey) = (own.certificate, own.key) } == nil)
  }

  @Test func whoeverWasNotToldWhomToExpectSpeaksToNobody() async throws {
    let server = try await SecureServer(try authority.issue(["DNS:a.test"]))
    let alice = try Peer(ConnectionProfile(trusting: authority))
    var target = server.target(alice.layer, expecting: "a.test")
    target.serverName = .none
    alice.send(message("hello"), to: .target(target))
    #expect(reason(await alice.events(1))?.kind == .tlsFailed)
    target = server.target(alice.layer, expecting: "a.test", profile: ProfileID(number: 9))
    alice.send(message("hello"), to: .target(target))
    #expect(reason(await alice.events(1))?.kind == .unsupported)
  }

  @Test func secretsAreWrittenForTheirOwnerWhereSomebodyAskedForIt() async throws {
    let server = try await SecureServer(try authority.issue(["DNS:a.test"]))
    let scratch = try ScratchDirectory()
    let alice = try Peer(ConnectionProfile(trusting: authority)) { $0.tlsKeyLogFile = scratch.file("keys") }
    alice.send(message("hello"), to: .target(server.target(alice.layer, expecting: "a.test")))
    #expect(await alice.received() != nil)
    let text = try String(decoding: scratch.data("keys"), as: UTF8.self)
    #expect(text.contains("CLIENT_TRAFFIC_SECRET_0 ") && text.hasSuffix("\n"))
    #expect(try scratch.mode("keys") == 0o600)
  }
}
