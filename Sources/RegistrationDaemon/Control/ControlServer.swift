import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RegistrationControl
import SIPTransport

/// The control socket of the daemon: Varlink over a Unix stream socket (architecture §7). It accepts, checks who is
/// there, and gives each connection a `ControlSession`; what the answers are is the `ControlService`'s.
package final class ControlServer: Sendable {
  private let path: String
  private let descriptor: Int32
  private let identity: ControlSocket.Identity?
  private let service: any ControlService
  private let version: String
  private let group: any EventLoopGroup
  private let permissions: ControlPermissions
  private let limits: ControlLimits
  private let places: NIOLockedValueBox<ControlPlaces>
  private let events: ControlEventBudget
  private let listener = NIOLockedValueBox<(any Channel)?>(nil)

  /// Binds the socket at `path`; it accepts once the future of `start` is done.
  package init(
    path: String, service: any ControlService, version: String, group: any EventLoopGroup,
    permissions: ControlPermissions = .rootAndOwnUser, limits: ControlLimits = ControlLimits()
  ) throws(ControlSocket.Failure) {
    self.path = path
    self.service = service
    self.version = version
    self.group = group
    self.permissions = permissions
    self.limits = limits
    places = NIOLockedValueBox(ControlPlaces(limits))
    events = ControlEventBudget(limit: limits.queuedEventsInAll)
    descriptor = try ControlSocket.bind(path: path)
    identity = ControlSocket.Identity(path: path)
  }

  /// Call it once.
  package func start() -> EventLoopFuture<Void> {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptPause()) }
      }
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelOption(
        .writeBufferWaterMark, value: .init(low: min(64 << 10, limits.unread / 2), high: limits.unread)
      )
      .childChannelInitializer { [self] channel in accept(channel) }
    return bootstrap.withBoundSocket(descriptor).map { [self] channel in listener.withLockedValue { $0 = channel } }
  }

  /// Stops listening, closes every connection and removes the socket.
  package func stop() -> EventLoopFuture<Void> {
    ControlSocket.remove(path: path, identity: identity)
    let channels = places.withLockedValue { $0.close() }
    let all = channels + (listener.withLockedValue { $0 }.map { [$0] } ?? [])
    return EventLoopFuture.whenAllComplete(all.map { $0.close() }, on: group.next()).map { _ in }
  }

  private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
    PeerCredentials.of(channel).flatMapThrowing { [self] peer in
      let mayChange = permissions.allowsChanges(by: peer)
      guard admit(channel, reader: mayChange ? nil : peer.userID) else { throw ChannelError.operationUnsupported }
      try channel.pipeline.syncOperations.addHandler(
        ControlSession(service: service, version: version, mayChange: mayChange, events: events, limits: limits))
    }
  }

  private func admit(_ channel: any Channel, reader: UInt32?) -> Bool {
    guard places.withLockedValue({ $0.take(channel, reader: reader) }) else { return false }
    let key = ObjectIdentifier(channel)
    channel.closeFuture.whenComplete { [self] _ in places.withLockedValue { $0.leave(key) } }
    return true
  }
}
