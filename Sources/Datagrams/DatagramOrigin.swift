import CDatagram
import Glibc

/// Where datagrams leave from, as far as an operator says so and not the system: an address, an interface, and how they are
/// marked. One that is the same is the same object: neighbours that leave as one are compared by it.
package final class DatagramOrigin: Sendable {
  let origin: datagram_origin
  /// nil: any.
  package let address: DatagramAddress?
  /// 0: any.
  package var interface: UInt32 { origin.interface }
  /// nil: that of the system.
  package var trafficClass: UInt8? { UInt8(exactly: origin.traffic_class) }

  /// - Parameters:
  ///   - address: nil: any; its port does not count
  ///   - interface: its index; 0: any
  ///   - trafficClass: the octet of the IP header (RFC 2474: the code point in its upper six bits); nil: that of the system
  package init(address: DatagramAddress? = nil, interface: UInt32 = 0, trafficClass: UInt8? = nil) {
    var origin = datagram_origin()
    origin.interface = interface
    origin.traffic_class = trafficClass.map { Int32($0) } ?? -1
    withUnsafeMutableBytes(of: &origin.address) { bytes in
      switch address {
      case .v4(let value, _)?: bytes.storeBytes(of: value.bigEndian, as: UInt32.self)
      case .v6(let upper, let lower, _)?:
        bytes.storeBytes(of: upper.bigEndian, as: UInt64.self)
        bytes.storeBytes(of: lower.bigEndian, toByteOffset: 8, as: UInt64.self)
      case nil: break
      }
    }
    self.origin = origin
    self.address = address
  }

  /// Of an interface of this host; nil: there is none of this name.
  package static func index(ofInterface name: String) -> UInt32? {
    let index = if_nametoindex(name)
    return index == 0 ? nil : index
  }
}
