import CAres
import Datagrams
import Glibc
import SIPLocation
import SIPMessage

/// A lookup of addresses, while c-ares has it.
final class AddressLookup {
  private let name: String
  private let completion: AresChannel.Completion

  init(name: String, completion: @escaping AresChannel.Completion) {
    self.name = name
    self.completion = completion
  }

  func end(_ status: CInt, _ result: UnsafeMutablePointer<ares_addrinfo>?) {
    defer { if let result { ares_freeaddrinfo(result) } }
    guard status == ARES_SUCCESS, let result else { return fail(ResolutionFailure.Kind(status)) }
    let (addresses, timeToLive) = Self.read(result.pointee)
    guard !addresses.isEmpty else { return fail(.noRecord) }
    completion(Finding(.success(.addresses(addresses)), timeToLive: timeToLive))
  }

  private func fail(_ kind: ResolutionFailure.Kind) {
    completion(Finding(.failure(ResolutionFailure(name: name, kind: kind)), timeToLive: nil))
  }

  /// The first addresses in the order of c-ares (RFC 6724 §6), and the shortest TTL on the way to them.
  private static func read(_ result: ares_addrinfo) -> (addresses: [IPAddress], timeToLive: Duration) {
    var addresses: [IPAddress] = []
    var lifetimes: [CInt] = []
    var node = result.nodes
    while let current = node?.pointee, addresses.count < Resolution.maximumAddresses {
      if let address = address(of: current), !addresses.contains(address) { addresses.append(address) }
      lifetimes.append(current.ai_ttl)
      node = current.ai_next
    }
    var alias = result.cnames
    while let current = alias?.pointee {
      lifetimes.append(current.ttl)
      alias = current.next
    }
    return (addresses, .seconds(max(lifetimes.min() ?? 0, 0)))
  }

  private static func address(of node: ares_addrinfo_node) -> IPAddress? {
    let bytes = UnsafeRawBufferPointer(start: node.ai_addr, count: Int(node.ai_addrlen))
    switch node.ai_family {
    case AF_INET where bytes.count >= MemoryLayout<sockaddr_in>.size:
      return Endpoint(DatagramAddress(bytes.loadUnaligned(as: sockaddr_in.self))).address
    case AF_INET6 where bytes.count >= MemoryLayout<sockaddr_in6>.size:
      return Endpoint(DatagramAddress(bytes.loadUnaligned(as: sockaddr_in6.self))).address
    default:
      return nil
    }
  }
}

extension ResolutionFailure.Kind {
  /// What c-ares says of it.
  init(_ status: CInt) {
    self =
      switch status {
      case ARES_ENOTFOUND: .noSuchName
      case ARES_ENODATA: .noRecord
      case ARES_ETIMEOUT: .timedOut
      case ARES_ESERVFAIL, ARES_ENOTIMP, ARES_EFORMERR: .serverFailure
      case ARES_EREFUSED: .refused
      case ARES_ECONNREFUSED: .unreachable
      case ARES_EBADRESP, ARES_EBADQUERY: .badAnswer
      case ARES_EBADNAME, ARES_EBADSTR: .invalidName
      case ARES_EDESTRUCTION, ARES_ECANCELLED: .cancelled
      default: .other
      }
  }
}

extension Finding {
  static func cancelled(_ name: String) -> Finding {
    Finding(.failure(ResolutionFailure(name: name, kind: .cancelled)), timeToLive: nil)
  }
}
