/// What a search wants to know of a name.
package enum NameQuestion: Hashable, Sendable {
  /// Whether the hosts file has it: such a name is answered from there and from nowhere else.
  case hosts(String)
  /// NAPTR records.
  case pointers(String)
  /// SRV records.
  case services(String)
  /// Those of both families. The order of addresses depends on the ways there, and those on the port (RFC 6724).
  case addresses(String, port: UInt16)

  package var name: String {
    switch self {
    case .hosts(let name), .pointers(let name), .services(let name), .addresses(let name, _): name
    }
  }
}

package typealias NameAnswer = Result<Resolution, ResolutionFailure>
