import SIPMessage

/// Which services a domain has: the data of a NAPTR record (RFC 3403 §4.1).
package struct NamingPointer: Hashable, Sendable {
  /// The lowest that is of use is the only one that is used.
  package var order: UInt16
  /// Among those of one order the lower comes first.
  package var preference: UInt16
  package var flags: String
  package var services: String
  /// A rule that rewrites; SIP has none (RFC 3263 §4.1).
  package var expression: String
  /// In lower case and without the last dot; empty: the root.
  package var replacement: String

  package init(
    order: UInt16, preference: UInt16, flags: String, services: String, expression: String = "", replacement: String
  ) {
    self.order = order
    self.preference = preference
    self.flags = flags
    self.services = services
    self.expression = expression
    self.replacement = replacement
  }
}

extension NamingPointer: CustomStringConvertible {
  /// As in a zone file: `50 50 "s" "SIPS+D2T" "" _sips._tcp.example.com`.
  package var description: String {
    "\(order) \(preference) \"\(flags)\" \"\(services)\" \"\(expression)\" \(replacement.isEmpty ? "." : replacement)"
  }
}

extension NamingPointer {
  /// The transport of the service; nil: it is not one of SIP, or not to be found by SRV records (RFC 3263 §4.1,
  /// RFC 7118 §10).
  var transport: TransportProtocol? {
    guard flags.lowercased() == "s", expression.isEmpty, !replacement.isEmpty else { return nil }
    return switch services.uppercased() {
    case "SIP+D2U": .udp
    case "SIP+D2T": .tcp
    case "SIPS+D2T": .tls
    case "SIP+D2W": .ws
    case "SIPS+D2W": .wss
    default: nil
    }
  }
}
