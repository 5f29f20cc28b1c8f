import Dispatch
import SIPLocation
import SIPMessage

/// Whom a resolver asks.
package enum NameServers: Sendable {
  case listed([Endpoint])
  /// A file like `/etc/resolv.conf`, with its search list; read again when it changes.
  case file(String)

  package static let host = Self.file("/etc/resolv.conf")
}

/// Finds what there is to know of names, over c-ares and with a cache, and runs the searches of RFC 3263 with it.
///
/// Answers are believed as long as their TTL says, failures for a short while, and when the DNS is down the last good
/// answer stands in (RFC 8767). Something is asked for once at a time, however many want it. Works on a queue of its own,
/// without a thread.
package final class Resolver: Sendable {
  package typealias Completion = @Sendable (NameAnswer) -> Void

  private let queue = DispatchQueue(label: "sip.resolver")
  private let lookups: Lookups

  /// `timeout` is that of the first try, later ones take longer.
  package init(
    nameServers: NameServers = .host, timeout: Duration = .seconds(2), tries: Int = 3,
    policy: ResolverPolicy = ResolverPolicy()
  ) {
    lookups = Lookups(queue: queue, nameServers: nameServers, timeout: timeout, tries: tries, policy: policy)
  }

  deinit {
    queue.async { [lookups] in lookups.close() }
  }

  /// From any thread; the completion is called on the resolver's queue, always, and once.
  package func search(_ query: LocationQuery, completion: @escaping @Sendable (LocationTrace) -> Void) {
    queue.async { [queue, lookups] in
      RunningSearch(query, lookups: lookups, queue: queue, completion: completion).begin()
    }
  }

  /// From any thread; the completion is called on the resolver's queue, always, and once.
  package func ask(_ question: NameQuestion, completion: @escaping Completion) {
    queue.async { [lookups] in lookups.ask(question, completion: completion) }
  }

  /// The addresses of a name, as `ask`. An IP address is its own answer. `port` is the one that will be used: sorting by
  /// RFC 6724 asks the host for the way there.
  package func resolve(_ name: String, port: UInt16, completion: @escaping Completion) {
    ask(.addresses(name, port: port), completion: completion)
  }
}
