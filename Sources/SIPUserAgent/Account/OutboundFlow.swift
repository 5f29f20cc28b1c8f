import Crypto
import SIPMessage

/// Outbound (RFC 5626): one of the flows over which an account is registered at the same time, so that a call finds a way
/// when a proxy is dead. All accounts of a daemon with as many flows share it.
package struct OutboundFlow: Hashable, Sendable {
  /// More flows than proxies to lead them over are of no use, and two are usual (§4.2.1).
  package static let maximumFlows = 8

  /// What tells this host from others with the same address of record, the same for the life of the host.
  package let host: UUID
  /// 1 to `flows`; the reg-id (§4.2).
  package let number: UInt8
  /// 1 to `maximumFlows`.
  package let flows: UInt8

  package init(host: UUID, number: UInt8 = 1, flows: UInt8) {
    precondition(number >= 1 && number <= flows && flows <= Self.maximumFlows, "flow \(number) of \(flows)")
    self.host = host
    self.number = number
    self.flows = flows
  }

  /// The others are there in case of need, and go where this one does not.
  package var isFirst: Bool { number == 1 }

  /// The instance of the user agent that an address of record has here (§4.1): the same over its flows, and over restarts
  /// whether or not there is a state file.
  package func instance(of addressOfRecord: URI) -> UUID { UUID(name: addressOfRecord.text, in: host) }

  /// What stands behind the Contact of a REGISTER.
  func contactParameters(of addressOfRecord: URI) -> [UInt8] {
    var text: [UInt8] = []
    text.append(";+sip.instance=\"<urn:uuid:")
    text.append(text: instance(of: addressOfRecord).description)
    text.append(">\";reg-id=")
    text.append(decimal: UInt64(number))
    return text
  }
}
