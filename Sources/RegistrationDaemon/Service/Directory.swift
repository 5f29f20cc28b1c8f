import SIPUserAgent

/// Where each account lives, by its name.
struct Directory: Sendable {
  struct Place: Sendable, Equatable {
    var shard: Int
    var id: AccountID
  }

  private var places: [String: Place] = [:]
  /// In order; made when somebody asks.
  private var sorted: [String]?

  var count: Int { places.count }

  subscript(name: String) -> Place? { places[name] }

  mutating func insert(_ name: String, _ place: Place) {
    if places.updateValue(place, forKey: name) == nil { sorted = nil }
  }

  mutating func remove(_ name: String) -> Place? {
    guard let place = places.removeValue(forKey: name) else { return nil }
    sorted = nil
    return place
  }

  /// At most so many names that come after this one.
  mutating func names(after name: String?, limit: Int) -> ArraySlice<String> {
    let all = names
    guard let name else { return all.prefix(limit) }
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle] <= name { low = middle + 1 } else { high = middle }
    }
    return all[low...].prefix(limit)
  }

  var names: [String] {
    mutating get {
      if let sorted { return sorted }
      let names = places.keys.sorted()
      sorted = names
      return names
    }
  }

  /// Spreads accounts over shards the same way at every start (FNV-1a).
  static func shard(of name: String, among count: Int) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return Int(hash % UInt64(count))
  }
}
