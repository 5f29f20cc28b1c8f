import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import SIPMessage
import SIPTransport

/// A name server on a loopback port that says what the test wants (RFC 1035 §4).
final class NameServer: Sendable {
  enum Answer: Sendable {
    case records([IPAddress], timeToLive: UInt32)
    /// Data by the number of its type; of another type there is none.
    case data([UInt8: [[UInt8]]], timeToLive: UInt32)
    /// Another name, and the addresses of that.
    case alias(timeToLive: UInt32, [IPAddress], ofTimeToLive: UInt32)
    /// A response code of RFC 1035 §4.1.1 with nothing else.
    case code(UInt8)
    case garbage
    case silence
    /// Any number of datagrams, made from the query.
    case datagrams(@Sendable ([UInt8]) -> [[UInt8]])
  }

  static let serverFailure = Answer.code(2)
  static let noSuchName = Answer.code(3)
  static let refused = Answer.code(5)

  private struct State {
    var answers: [String: Answer] = [:]
    var questions: [String] = []
    var typed: [(name: String, type: UInt8)] = []
    var sources: [(port: UInt16, id: [UInt8])] = []
  }

  private let state = NIOLockedValueBox(State())
  private let channel = NIOLockedValueBox<(any Channel)?>(nil)
  let endpoint: Endpoint

  init(_ answers: [String: Answer]) async throws {
    let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Responder()) }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    endpoint = Endpoint(channel.localAddress!)!
    self.channel.withLockedValue { $0 = channel }
    state.withLockedValue { $0.answers = answers }
    try await channel.eventLoop.submit {
      try channel.pipeline.syncOperations.handler(type: Responder.self).server = self
    }.get()
  }

  /// The names that were asked for, once per record type.
  var questions: [String] { state.withLockedValue { $0.questions } }

  /// Whence the questions came, and their numbers.
  var sources: [(port: UInt16, id: [UInt8])] { state.withLockedValue { $0.sources } }

  /// How often this was asked for.
  func count(_ name: String, type: UInt8) -> Int {
    state.withLockedValue { $0.typed.count { $0.name == name && $0.type == type } }
  }

  func set(_ answer: Answer, for name: String) { state.withLockedValue { $0.answers[name] = answer } }

  func stop() async throws { try await channel.withLockedValue { $0 }?.close().get() }

  private func note(_ query: AddressedEnvelope<ByteBuffer>) {
    guard let port = query.remoteAddress.port else { return }
    let id = Array(query.data.readableBytesView.prefix(2))
    state.withLockedValue { $0.sources.append((UInt16(port), id)) }
  }

  private func answers(to query: [UInt8]) -> [[UInt8]] {
    guard let question = Question(query) else { return [] }
    let answer = state.withLockedValue { state in
      state.questions.append(question.name)
      state.typed.append((question.name, question.type))
      return state.answers[question.name] ?? Self.noSuchName
    }
    switch answer {
    case .silence: return []
    case .garbage: return [Array(query[..<2]) + [0x81, 0x80, 0, 1, 0xFF, 0xFF, 0, 0, 0, 0, 0xC0, 0x0C, 0xC0]]
    case .code(let code): return [question.response(code: code, records: [])]
    case .datagrams(let make): return make(query)
    case .records(let addresses, let timeToLive):
      return [question.response(code: 0, records: question.records(addresses, timeToLive, owner: [0xC0, 0x0C]))]
    case .data(let data, let timeToLive):
      let records = (data[question.type] ?? []).map {
        question.record(owner: [0xC0, 0x0C], type: question.type, timeToLive, $0)
      }
      return [question.response(code: 0, records: records)]
    case .alias(let aliasTimeToLive, let addresses, let timeToLive):
      let target: [UInt8] = [5] + Array("alias".utf8) + [0]
      let alias = question.record(owner: [0xC0, 0x0C], type: 5, aliasTimeToLive, target)
      return [question.response(code: 0, records: [alias] + question.records(addresses, timeToLive, owner: target))]
    }
  }

  private struct Question {
    var id: [UInt8]
    var bytes: [UInt8]
    var name: String
    var type: UInt8

    init?(_ query: [UInt8]) {
      guard query.count > 12 else { return nil }
      id = Array(query[..<2])
      var labels: [String] = []
      var index = 12
      while index < query.count, query[index] != 0 {
        let end = index + 1 + Int(query[index])
        guard end < query.count else { return nil }
        labels.append(String(decoding: query[(index + 1)..<end], as: UTF8.self))
        index = end
      }
      guard index + 5 <= query.count else { return nil }
      bytes = Array(query[12..<(index + 5)])
      name = labels.joined(separator: ".")
      type = query[index + 2]
    }

    func response(code: UInt8, records: [[UInt8]]) -> [UInt8] {
      id + [0x81, 0x80 | code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0] + bytes + records.joined()
    }

    /// Those of the type that was asked for: 1 is A, 28 is AAAA.
    func records(_ addresses: [IPAddress], _ timeToLive: UInt32, owner: [UInt8]) -> [[UInt8]] {
      addresses.filter { $0.isV6 == (type == 28) }.map { record(owner: owner, type: type, timeToLive, $0.octets) }
    }

    func record(owner: [UInt8], type: UInt8, _ timeToLive: UInt32, _ data: [UInt8]) -> [UInt8] {
      owner + [0, type, 0, 1] + octets(timeToLive) + [0, UInt8(data.count)] + data
    }
  }

  private final class Responder: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>
    weak var server: NameServer?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let query = unwrapInboundIn(data)
      server?.note(query)
      for answer in server?.answers(to: Array(query.data.readableBytesView)) ?? [] {
        let envelope = AddressedEnvelope(remoteAddress: query.remoteAddress, data: ByteBuffer(bytes: answer))
        context.writeAndFlush(wrapOutboundOut(envelope), promise: nil)
      }
    }
  }
}

private func octets(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

extension IPAddress {
  fileprivate var octets: [UInt8] {
    switch self {
    case .v4(let value): SIPTransportTests.octets(value)
    case .v6(let upper, let lower): SIPTransportTests.octets(upper) + SIPTransportTests.octets(lower)
    }
  }
}
