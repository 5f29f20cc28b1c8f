import NIOCore
import RegistrationControl

/// What a client of the control socket can make the daemon hold.
package struct ControlLimits: Sendable {
  /// A connection beyond these is closed as soon as it is accepted.
  package var clients = 32
  /// The longest call, and the most that a client may send ahead of its answers, in bytes.
  package var request = VarlinkFramer.maximumRequest
  /// Bytes that wait for a client to read them. `List` pauses here; a watcher is disconnected.
  package var unread = 4 << 20
  /// Events that wait for the event loop, per watcher.
  package var queuedEvents = 16_384
  /// Accounts in one reply of `List`.
  package var accountsPerReply = 100
  /// How long a client may leave `unread` bytes lying.
  package var stall = TimeAmount.seconds(30)
  /// How long a connection may stay open without a call.
  package var idle = TimeAmount.minutes(10)

  package init() {}
}
