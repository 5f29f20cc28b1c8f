import NIOConcurrencyHelpers

/// What went through a transport layer since it was made.
package struct TransportCounters: Sendable, Equatable {
  package var datagramsIn: UInt64 = 0
  package var datagramsOut: UInt64 = 0
  /// Truncated, without a usable source address, or dropped by the system since nobody read them in time.
  package var datagramsDropped: UInt64 = 0
  /// Messages that came or went over streams.
  package var streamMessagesIn: UInt64 = 0
  package var streamMessagesOut: UInt64 = 0
  package var bytesIn: UInt64 = 0
  package var bytesOut: UInt64 = 0
  /// Keep-alives of RFC 5626 and of proxies that send empty datagrams.
  package var keepAlivesIn: UInt64 = 0
  package var sendFailures: UInt64 = 0
  /// Among the failures: messages that had no permit to leave (`SendingPermit`).
  package var messagesForbidden: UInt64 = 0
  package var connectionsOpen: Int = 0
  /// Connections accepted and closed at once, because there were too many.
  package var connectionsRefused: UInt64 = 0
  /// Connections of peers that were closed for the sake of another one: the longest idle one of a host that has too many,
  /// or of strangers.
  package var connectionsDisplaced: UInt64 = 0
  /// Connections of peers that were closed since they did not read what they were answered.
  package var connectionsStalled: UInt64 = 0
  /// Connections of peers that were closed since unfinished messages took too much memory.
  package var connectionsUnfinished: UInt64 = 0
  /// Answers to strangers that did not leave, since they asked too often (`AnswerBudget`).
  package var answersWithheld: UInt64 = 0
  /// Streams closed because no message could be cut from them.
  package var malformedStreams: UInt64 = 0
  /// Listening sockets that the system took away and that were bound anew.
  package var rebinds: UInt64 = 0

  package init() {}

  /// Connections of peers that were refused or closed for what they hold.
  package var connectionsClosed: UInt64 {
    connectionsRefused + connectionsDisplaced + connectionsStalled + connectionsUnfinished
  }

  /// What one read brought.
  mutating func add(_ read: TransportCounters) {
    datagramsIn += read.datagramsIn
    datagramsDropped += read.datagramsDropped
    bytesIn += read.bytesIn
    keepAlivesIn += read.keepAlivesIn
  }
}

/// Holds the counters: written and read from anywhere.
final class CounterStore: Sendable {
  private let counters = NIOLockedValueBox(TransportCounters())

  var current: TransportCounters { counters.withLockedValue { $0 } }

  func update(_ change: (inout TransportCounters) -> Void) { counters.withLockedValue { change(&$0) } }
}
