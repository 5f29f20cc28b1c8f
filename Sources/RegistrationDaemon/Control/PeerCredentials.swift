import Glibc
import NIOCore

/// Who opened a connection to the control socket: what `SO_PEERCRED` tells, unix(7). The kernel noted it at `connect`,
/// so a client cannot lie about it.
///
/// The layout is that of `struct ucred`, which Glibc hides from Swift behind `_GNU_SOURCE`.
package struct PeerCredentials: Sendable, Equatable {
  package var processID: Int32
  package var userID: UInt32
  package var groupID: UInt32

  static func of(_ channel: any Channel) -> EventLoopFuture<PeerCredentials> {
    guard let options = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
    }
    return options.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
  }
}

/// Who may change the daemon. To read, it is enough to be able to open the socket: its group and mode decide that.
package struct ControlPermissions: Sendable {
  private let changers: Set<UInt32>

  package init(changers: Set<UInt32>) {
    self.changers = changers
  }

  /// Root and the user that the daemon runs as.
  package static var rootAndOwnUser: ControlPermissions { ControlPermissions(changers: [0, geteuid()]) }

  package func allowsChanges(by peer: PeerCredentials) -> Bool { changers.contains(peer.userID) }
}
