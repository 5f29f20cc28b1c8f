import Datagrams
import Glibc
import NIOCore

extension ChannelOptions.Types.SocketOption {
  /// An IPv6 socket leaves the IPv4 port to the socket of its own family.
  static let v6Only = Self(level: .ipv6, name: .ipv6_v6only)
  static let keepAlive = Self(level: .socket, name: .so_keepalive)
  static let keepAliveIdle = tcp(TCP_KEEPIDLE)
  static let keepAliveInterval = tcp(TCP_KEEPINTVL)
  static let keepAliveCount = tcp(TCP_KEEPCNT)
  /// Milliseconds that sent data may stay unacknowledged (RFC 5482).
  static let userTimeout = tcp(TCP_USER_TIMEOUT)

  /// The interface to send through, by its index.
  static let interface = Self(level: .socket, name: NIOBSDSocket.Option(rawValue: CInt(SO_BINDTOIFINDEX)))
  static let typeOfService = Self(level: .ip, name: NIOBSDSocket.Option(rawValue: CInt(IP_TOS)))
  static let trafficClass = Self(level: .ipv6, name: NIOBSDSocket.Option(rawValue: CInt(IPV6_TCLASS)))

  private static func tcp(_ name: CInt) -> Self { Self(level: .tcp, name: NIOBSDSocket.Option(rawValue: name)) }
}

extension TransportSettings {
  /// Find out that a peer is gone without a word: with data under way by TCP_USER_TIMEOUT, else by TCP's keep-alive.
  var livenessOptions: [(option: ChannelOptions.Types.SocketOption, value: ChannelOptions.Types.SocketOption.Value)] {
    let seconds = Int(clamping: deadPeerTimeout.components.seconds)
    let probes = 3
    return [
      (.keepAlive, 1),
      (.keepAliveIdle, max(seconds / 2, 1)),
      (.keepAliveInterval, max(seconds / 2 / probes, 1)),
      (.keepAliveCount, probes),
      (.userTimeout, seconds * 1_000),
    ]
  }
}

extension DatagramOrigin {
  /// What of it a connection is told with options; its address it is bound to.
  func streamOptions(
    isV6: Bool
  ) -> [(option: ChannelOptions.Types.SocketOption, value: ChannelOptions.Types.SocketOption.Value)] {
    var options: [(option: ChannelOptions.Types.SocketOption, value: ChannelOptions.Types.SocketOption.Value)] = []
    if interface > 0 { options.append((.interface, Int(interface))) }
    if let trafficClass { options.append((isV6 ? .trafficClass : .typeOfService, Int(trafficClass))) }
    return options
  }
}
