import NIOCore
import RegistrationControl

/// What clients of the control socket can make the daemon hold. A reader, who may only look, is anybody in the socket's
/// group; whoever may change (`ControlPermissions`) must not be kept from it by all of them together.
package struct ControlLimits: Sendable {
  /// Connections in all. One too many of whatever kind is closed as soon as it is accepted.
  package var clients = 64
  /// Connections among `clients` that no reader takes.
  package var placesKept = 16
  /// Connections of one user who is a reader.
  package var clientsPerReader = 16
  /// The longest call, and the most that a client may send ahead of its answers, in bytes.
  package var request = VarlinkFramer.maximumRequest
  /// The longest call of a reader, and the most that one may send ahead, in bytes: room for a filter, not for a list of names.
  package var requestOfReader = 64 << 10
  /// Bytes that wait for a client to read them before it gets more. `List` pauses here, and so do events.
  package var unread = 256 << 10
  /// Bytes of events that wait behind that, per watcher: one that has more to come is disconnected.
  package var queuedEvents = 1 << 20
  /// Bytes of events that wait for all watchers together: the one that would go beyond it is disconnected.
  package var queuedEventsInAll = 8 << 20
  /// Accounts in one reply of `List`.
  package var accountsPerReply = 100
  /// How long a client may leave `unread` bytes lying.
  package var stall = TimeAmount.seconds(30)
  /// How long a connection may stay open without a call.
  package var idle = TimeAmount.minutes(10)

  package init() {}
}
