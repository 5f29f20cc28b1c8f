import Datagrams
import NIOConcurrencyHelpers
import SIPMessage
import Synchronization

/// Where messages leave from, by the profiles of a configuration: which address and port, through which interface, and how
/// marked.
/// What the system has to know of an interface is asked when it is needed and again when the network changes: one that is not
/// there may come.
final class LocalTerms: Sendable {
  fileprivate struct State {
    /// That of number 1 comes first.
    var profiles: [ConnectionProfile] = []
    /// Of IPv4 and IPv6, what was found since the network changed.
    var departures: [[Place: Departure]] = [[:], [:]]
  }

  /// What of a profile says where from; many profiles say the same.
  fileprivate struct Place: Hashable {
    var address: IPAddress?
    var port: UInt16?
    var interface: String?
    var dscp: UInt8?
    /// The address is one of the other family: this one is not used.
    var isOff: Bool

    init?(_ profile: ConnectionProfile, isV6: Bool) {
      address = isV6 ? profile.localAddressV6 : profile.localAddressV4
      isOff = address == nil && (profile.localAddressV4 ?? profile.localAddressV6) != nil
      port = profile.localPort
      interface = profile.interface
      dscp = profile.dscp
      if address == nil, !isOff, port == nil, interface == nil, dscp == nil { return nil }
    }
  }

  struct Departure: Sendable {
    /// nil: as the system has it.
    var origin: DatagramOrigin?
    /// 0: that of the layer.
    var port: UInt16 = 0
  }

  private let state = NIOLockedValueBox(State())
  private let portOffset: UInt16
  /// Asked once a batch: most daemons have no such profile.
  private let isInUse = Atomic<Bool>(false)

  /// - Parameter portOffset: of this layer among several; each has ports of its own
  init(portOffset: UInt16) { self.portOffset = portOffset }

  func use(_ profiles: [ConnectionProfile]) {
    state.withLockedValue { state in
      state.profiles = profiles
      state.departures = [[:], [:]]
    }
    isInUse.store(
      profiles.contains { Place($0, isV6: false) != nil || Place($0, isV6: true) != nil }, ordering: .releasing)
  }

  /// Whether any profile says where from.
  var areInUse: Bool { isInUse.load(ordering: .acquiring) }

  /// The ports that profiles say.
  var ports: Set<UInt16> { state.withLockedValue { Set($0.profiles.compactMap(\.localPort).map(own)) } }

  private func own(_ port: UInt16) -> UInt16 { port &+ portOffset }

  /// Addresses, interfaces or routes of the host changed.
  func forget() { state.withLockedValue { $0.departures = [[:], [:]] } }

  subscript(profile: ProfileID) -> ConnectionProfile { state.withLockedValue { $0.profiles[profile] ?? .standard } }

  /// - Throws: when the interface is not there, or the address is of the other family.
  func departure(of profile: ProfileID, isV6: Bool) throws(TransportFailure) -> Departure {
    guard profile != .standard else { return Departure() }
    return try state.withLockedValue { state -> Result<Departure, TransportFailure> in
      guard let place = Place(state.profiles[profile] ?? .standard, isV6: isV6) else { return .success(Departure()) }
      if let known = state.departures[isV6 ? 1 : 0][place] { return .success(known) }
      let found = departure(from: place)
      if case .success(let departure) = found { state.departures[isV6 ? 1 : 0][place] = departure }
      return found
    }.get()
  }

  /// Of what needs no port of its own; nil: as the system has it.
  func origin(of profile: ProfileID, isV6: Bool) throws(TransportFailure) -> DatagramOrigin? {
    try departure(of: profile, isV6: isV6).origin
  }

  private func departure(from place: Place) -> Result<Departure, TransportFailure> {
    if place.isOff {
      return .failure(TransportFailure(.unreachable, detail: "the local address is one of another family"))
    }
    var index: UInt32 = 0
    if let name = place.interface {
      guard let found = DatagramOrigin.index(ofInterface: name) else {
        return .failure(TransportFailure(.unreachable, detail: "there is no interface \(name)"))
      }
      index = found
    }
    let address = place.address.map { DatagramAddress(Endpoint(address: $0, port: 0)) }
    let origin = DatagramOrigin(address: address, interface: index, trafficClass: place.dscp.map { $0 << 2 })
    return .success(Departure(origin: origin, port: place.port.map(own) ?? 0))
  }

  /// Why nothing leaves on these terms at present, in words for an operator; nil: it is not for them.
  func obstacle(of profile: ProfileID) -> String? {
    let terms = self[profile]
    var index: UInt32 = 0
    if let name = terms.interface {
      guard let found = DatagramOrigin.index(ofInterface: name) else { return "there is no interface \(name)" }
      index = found
    }
    for address in [terms.localAddressV4, terms.localAddressV6].compactMap({ $0 }) {
      let place = DatagramAddress(Endpoint(address: address, port: 0))
      if ConnectedSocket(boundTo: place, interface: index) == nil { return "\(address) is no address of this host" }
    }
    return terms.interface.map { "there is no way through the interface \($0)" }
  }
}
