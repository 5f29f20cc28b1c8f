import Dispatch
import Glibc
import NIOConcurrencyHelpers
import SIPLocation
import SIPMessage
import SIPTransport

/// Asks a name server that answers with the input. It is c-ares that reads the bytes; ours is what becomes of the list of
/// addresses and aliases that it makes of them, and that every question ends, and in addresses or words.
///
/// The input begins with how many answers and additional records it says it has; then come the records, whose owner is
/// at 0x0C. From an input whose first byte is odd comes the whole message but for its number.
final class NameProbe: Sendable {
  private static let shared = NameProbe()

  static func run(_ bytes: [UInt8]) { shared.ask(bytes) }

  private let server: Int32
  private let resolver: Resolver
  private let count = NIOLockedValueBox(0)

  private init() {
    let socket = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      precondition(bind(socket, pointer, length) == 0 && getsockname(socket, pointer, &length) == 0, "no socket")
    }
    server = socket
    let endpoint = Endpoint(address: .v4(0x7F00_0001), port: UInt16(bigEndian: address.sin_port))
    var policy = ResolverPolicy()
    policy.capacity = 8
    resolver = Resolver(nameServers: .listed([endpoint]), timeout: .milliseconds(500), tries: 1, policy: policy)
  }

  private func ask(_ bytes: [UInt8]) {
    let number = count.withLockedValue { count in
      count += 1
      return count
    }
    // Each of them is new to the cache, and as long as the others.
    let digits = "\(10_000_000 + number)"
    let isDone = NIOLockedValueBox(false)
    resolver.resolve("n\(digits).example", port: 5060) { result in
      switch result {
      case .success(let found):
        precondition((1...Resolution.maximumAddresses).contains(found.addresses.count), "\(found)")
        precondition(found.expiry >= .seconds(5) && found.expiry <= .seconds(3_600), "\(found)")
      case .failure(let failure): precondition(!failure.description.isEmpty && failure.kind != .timedOut, "\(failure)")
      }
      isDone.withLockedValue { $0 = true }
    }
    while !isDone.withLockedValue({ $0 }) { answer(bytes) }
  }

  /// Answers the next question, if there is one soon; and a second time, in the name's disfavour, so that nobody has to
  /// wait.
  private func answer(_ bytes: [UInt8]) {
    var ready = pollfd(fd: server, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 1) == 1 else { return }
    var query = [UInt8](repeating: 0, count: 512)
    var source = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    withUnsafeMutableBytes(of: &source) { place in
      let address = place.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      let count = recvfrom(server, &query, query.count, 0, address, &length)
      guard count > 12 else { return }
      let question = query[..<count]
      for answer in [Self.message(bytes, to: question), Self.head(question, code: 3, 0, 0)] {
        _ = sendto(server, answer, answer.count, 0, address, length)
      }
    }
  }

  private static func message(_ bytes: [UInt8], to query: ArraySlice<UInt8>) -> [UInt8] {
    guard bytes.count >= 2, bytes[0] % 2 == 0 else { return Array(query.prefix(2)) + bytes.dropFirst().prefix(65_000) }
    return head(query, code: 0, bytes[0] / 2, bytes[1]) + bytes[2...].prefix(65_000)
  }

  private static func head(
    _ query: ArraySlice<UInt8>, code: UInt8, _ answers: UInt8, _ additional: UInt8
  ) -> [UInt8] {
    let question = query.dropFirst(12).prefix { $0 != 0 }
    let rest = query.dropFirst(12 + question.count).prefix(5)
    return query.prefix(2) + [0x81, 0x80 | code, 0, 1, 0, answers, 0, 0, 0, additional] + question + rest
  }
}
