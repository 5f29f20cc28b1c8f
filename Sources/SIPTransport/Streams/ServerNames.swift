import NIOConcurrencyHelpers
import SIPMessage

/// The names that certificates of peers have to hold, and their numbers in targets. None is ever forgotten: a target that
/// bears its number may be kept anywhere.
final class ServerNames: Sendable {
  /// Hosts that are spoken to over TLS in the life of a daemon; a redirection may name another one each time.
  static let limit = 16_384

  private struct State {
    var numbers: [String: UInt32] = [:]
    /// That of number 1 comes first.
    var names: [String] = []
  }

  private let state = NIOLockedValueBox(State())

  /// - Returns: nil when there are too many.
  func number(of host: String) -> ServerName? {
    // Names of hosts are the same in upper and lower case (RFC 4343).
    let host = host.lowercased()
    return state.withLockedValue { state in
      if let known = state.numbers[host] { return ServerName(number: known) }
      guard state.names.count < Self.limit else { return nil }
      state.names.append(host)
      state.numbers[host] = UInt32(state.names.count)
      return ServerName(number: UInt32(state.names.count))
    }
  }

  subscript(name: ServerName) -> String? {
    state.withLockedValue { state in
      let index = Int(name.number) - 1
      return state.names.indices.contains(index) ? state.names[index] : nil
    }
  }
}
