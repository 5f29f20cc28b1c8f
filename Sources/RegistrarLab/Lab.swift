import NIOPosix
import SIPMessage
import SIPTransport

/// A registrar, a loose and a strict outbound proxy, alive on loopback over UDP and TCP, with faults to switch on.
///
/// All three share an event loop of their own for TCP. Control is from any thread. Call `shutdown` when done.
package final class Lab: Sendable {
  package struct Settings: Sendable {
    package var registrar = Registrar.Settings()
    package var looseProxy = OutboundProxy.Settings(routing: .loose)
    package var strictProxy = OutboundProxy.Settings(routing: .strict)
    /// 0: one that is free.
    package var registrarPort: UInt16 = 0
    package var looseProxyPort: UInt16 = 0
    package var strictProxyPort: UInt16 = 0

    package init() {}
  }

  /// Where faults of the wire and 503 are switched on.
  package enum Place: Sendable, CaseIterable { case registrar, looseProxy, strictProxy }

  package let registrar: Endpoint
  package let looseProxy: Endpoint
  package let strictProxy: Endpoint

  let stations: Stations

  /// Binds everything. Blocks; not for an event loop's thread.
  package init(_ settings: Settings = Settings()) throws(BindError) {
    let stations = Stations()
    let loopback = IPAddress.v4(0x7F00_0001)
    func transport(_ port: UInt16) -> TransportSettings {
      var transport = TransportSettings()
      (transport.localPort, transport.addressV4, transport.addressV6) = (port, loopback, nil)
      // All its clients are on one host, and none of them is a stranger.
      transport.maximumConnectionsPerHost = transport.maximumAcceptedConnections
      transport.connectionsKeptForKnown = 0
      transport.maximumAnswerBacklog = transport.maximumBacklog
      transport.strangerMessagesPerSecond = .max
      return transport
    }
    var chance = SystemRandomNumberGenerator()
    let seed = chance.next()
    do throws(BindError) {
      registrar = try stations.registrar.start(transport(settings.registrarPort), address: loopback) { _ in
        Registrar(settings.registrar, seed: seed)
      }
      let nextHop = Target(transport: .udp, endpoint: registrar)
      func proxy(_ settings: OutboundProxy.Settings, _ address: Endpoint) -> OutboundProxy {
        var settings = settings
        settings.nextHop = settings.nextHop ?? nextHop
        return OutboundProxy(settings, address: address, seed: seed &+ UInt64(address.port))
      }
      looseProxy = try stations.looseProxy.start(transport(settings.looseProxyPort), address: loopback) {
        proxy(settings.looseProxy, $0)
      }
      strictProxy = try stations.strictProxy.start(transport(settings.strictProxyPort), address: loopback) {
        proxy(settings.strictProxy, $0)
      }
    } catch {
      stations.stop()
      throw error
    }
    self.stations = stations
  }

  /// Closes the sockets and ends the thread. Blocks; not for an event loop's thread.
  package func shutdown() { stations.stop() }

  // MARK: What happens

  package func statistics() -> RegistrarStatistics {
    stations.registrar.withElement { $0.statistics(at: .now) } ?? RegistrarStatistics()
  }

  /// The counters of the statistics, without a look at every binding: one that has expired unseen is no lapse yet.
  package func counters() -> RegistrarCounters {
    stations.registrar.withElement { $0.counters } ?? RegistrarCounters()
  }

  package func bindings() -> [BindingDescription] {
    stations.registrar.withElement { $0.bindings(at: .now) } ?? []
  }

  // MARK: What goes wrong

  package func change(at place: Place = .registrar, _ body: (inout Faults) -> Void) {
    switch place {
    case .registrar: stations.registrar.withElement { body(&$0.faults) }
    case .looseProxy: stations.looseProxy.withElement { body(&$0.faults) }
    case .strictProxy: stations.strictProxy.withElement { body(&$0.faults) }
    }
  }

  /// Every nonce is stale from now on, those of the proxies too.
  package func voidNonces() {
    stations.registrar.withElement { $0.voidNonces() }
    stations.looseProxy.withElement { $0.voidNonces() }
    stations.strictProxy.withElement { $0.voidNonces() }
  }

  /// How early refreshes come, and what was first and last, is looked at anew.
  package func beginSpan() { stations.registrar.withElement { $0.beginSpan() } }

  /// The registrar loses all bindings and nonces.
  package func reboot() { stations.registrar.withElement { $0.reboot(at: .now) } }
}

/// What runs, and the thread it runs on.
struct Stations: Sendable {
  let registrar: Station<Registrar>
  let looseProxy: Station<OutboundProxy>
  let strictProxy: Station<OutboundProxy>
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  init() {
    let loop = group.next()
    var chance = SystemRandomNumberGenerator()
    registrar = Station(on: loop, seed: chance.next())
    looseProxy = Station(on: loop, seed: chance.next())
    strictProxy = Station(on: loop, seed: chance.next())
  }

  func stop() {
    registrar.stop()
    looseProxy.stop()
    strictProxy.stop()
    // It can fail only when it has been shut down before.
    try? group.syncShutdownGracefully()
  }
}
