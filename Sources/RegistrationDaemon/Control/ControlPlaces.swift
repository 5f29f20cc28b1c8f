import NIOCore

/// The connections that there are, and whether there is room for one more of a user: `ControlLimits` says how many.
struct ControlPlaces: Sendable {
  private struct Place: Sendable {
    var channel: any Channel
    /// nil: of somebody who may change the daemon.
    var reader: UInt32?
  }

  private let limits: ControlLimits
  private var places: [ObjectIdentifier: Place] = [:]
  private var isClosed = false

  init(_ limits: ControlLimits) { self.limits = limits }

  /// - Parameter reader: the user, if it is one who may only read
  /// - Returns: whether it has got a place, which it gives back with `leave`.
  mutating func take(_ channel: any Channel, reader: UInt32?) -> Bool {
    guard !isClosed, places.count < limits.clients else { return false }
    if let reader {
      let others = places.values.lazy.compactMap(\.reader)
      guard others.count < limits.clients - limits.placesKept,
        others.count(where: { $0 == reader }) < limits.clientsPerReader
      else { return false }
    }
    places[ObjectIdentifier(channel)] = Place(channel: channel, reader: reader)
    return true
  }

  mutating func leave(_ channel: ObjectIdentifier) { places[channel] = nil }

  /// From here on nobody gets a place. - Returns: who has one, in no order.
  mutating func close() -> [any Channel] {
    isClosed = true
    return places.values.map(\.channel)
  }
}
