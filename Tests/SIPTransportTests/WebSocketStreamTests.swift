import NIOCore
import SIPMessage
import SIPTransport
import Testing

/// SIP over WebSocket (RFC 7118) with a server of a library.
@Suite(.timeLimit(.minutes(1))) struct WebSocketStreamTests {
  private func target(
    _ server: WebSocketServer, _ transport: TransportProtocol = .ws, profile: UInt16 = 0, _ name: ServerName = .none
  ) -> Target {
    Target(
      transport: transport, profile: ProfileID(number: profile), serverName: name, endpoint: server.endpoint)
  }

  @Test func messagesTravelInFramesOfOneConnection() async throws {
    let (alice, server) = (try Peer(), try await WebSocketServer())
    let batch = (1...40).map {
      Outbound(bytes: Array(message("m\($0)").utf8), destination: .target(target(server)), token: $0)
    }
    alice.layer.send(batch)
    for number in 1...40 { #expect(await server.inbox.next() == message("m\(number)")) }
    let answers = await alice.events(40)
    #expect(answers.compactMap(\.bytes).count == 40)
    #expect(alice.layer.counters.connectionsOpen == 1)
    let request = await server.requests.next()
    #expect(request.uri == "/")
    #expect(request.headers["Host"] == ["\(server.endpoint)"])
    #expect(request.headers["Sec-WebSocket-Protocol"] == ["sip"])
  }

  @Test func keepAlivesArePingsThatAreAnswered() async throws {
    let (alice, server) = (try Peer(), try await WebSocketServer())
    alice.send(message("hello"), to: .target(target(server)))
    #expect(await alice.received() != nil)
    alice.layer.keepAlive(over: .target(target(server)))
    guard case .pong? = await alice.events(1).first else {
      Issue.record("no pong")
      return
    }
  }

  @Test func overTLSTheServerHasToProveItsName() async throws {
    let authority = try CertificateAuthority.shared.get()
    let server = try await WebSocketServer(tls: try authority.issue(["DNS:a.test"]))
    var profile = ConnectionProfile(trusting: authority)
    profile.webSocketPath = "/sip?v=1"
    let alice = try Peer(profile)
    let name = try #require(alice.layer.serverName(of: "a.test"))
    alice.send(message("hello"), to: .target(target(server, .wss, profile: 1, name)))
    #expect(await server.inbox.next() == message("hello"))
    let request = await server.requests.next()
    #expect(request.uri == "/sip?v=1")
    #expect(request.headers["Host"] == ["a.test:\(server.endpoint.port)"])
    let other = try #require(alice.layer.serverName(of: "b.test"))
    _ = await alice.received()
    alice.send(message("hello"), to: .target(target(server, .wss, profile: 1, other)))
    #expect(await alice.events(1).map(\.failure) == [.tlsWrongName])
  }

  @Test func closingSaysGoodbye() async throws {
    let (alice, server) = (try Peer(), try await WebSocketServer())
    alice.send(message("hello"), to: .target(target(server)))
    let flow = try #require(await alice.received()).flow
    _ = await server.inbox.next()
    alice.layer.close(flow, TransportFailure(.timedOut))
    #expect(await server.inbox.next() == "WebSocketOpcode.connectionClose")
  }

  @Test(arguments: [
    (
      "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
      "HOST answered 403 Forbidden to the WebSocket request for /"
    ),
    (
      "HTTP/1.1 301 Moved Permanently\r\nLocation: https://b.test/ws\r\nContent-Length: 0\r\n\r\n",
      "HOST answered 301 Moved Permanently to the WebSocket request for /, and points to https://b.test/ws"
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "HOST answered 200 OK to the WebSocket request for /"),
    (
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n"
        + "Sec-WebSocket-Protocol: sip\r\n\r\n",
      "what HOST answers to the WebSocket request is no answer to it"
    ),
    ("SIP/2.0 400 Bad Request\r\n\r\n", "what answers at HOST is no HTTP"),
    ("SSH-2.0-OpenSSH_9.2\r\n", "what answers at HOST is no HTTP"),
    ("", "HOST ended the connection at the WebSocket request"),
  ])
  func whoDoesNotOpenAWebSocketIsQuoted(_ bytes: String, _ words: String) async throws {
    let (alice, server) = (try Peer(), try await WebSocketServer(bytes: bytes))
    alice.send(message("hello"), to: .target(target(server)), token: 3)
    let events = await alice.events(1)
    guard case .sendFailed(3, let failure)? = events.first else {
      Issue.record("expected a failure: \(events)")
      return
    }
    #expect(failure.kind == .webSocketRefused)
    #expect(failure.detail == words.replacing("HOST", with: "\(server.endpoint)"))
  }

  @Test(arguments: [[], ["chat"], ["sip", "chat"]])
  func aWebSocketForSomethingElseIsNone(_ protocols: [String]) async throws {
    let (alice, server) = (try Peer(), try await WebSocketServer(protocols: protocols))
    alice.send(message("hello"), to: .target(target(server)), token: 3)
    let failed = await alice.events(1)
    #expect(failed.map(\.failure) == [.webSocketRefused])
    #expect(alice.layer.counters.connectionsOpen == 0)
  }

  @Test func aServerThatDoesNotAnswerIsWaitedForOnlySoLong() async throws {
    let alice = try Peer { $0.connectTimeout = .milliseconds(300) }
    let bob = try Peer()
    var target = bob.target(.ws)
    target.profile = .standard
    alice.send(message("hello"), to: .target(target))
    // A SIP server takes an HTTP request for the beginning of a message, or for none.
    let failure = try #require(await alice.events(1).first?.failure)
    #expect([.timedOut, .webSocketRefused].contains(failure))
  }
}
