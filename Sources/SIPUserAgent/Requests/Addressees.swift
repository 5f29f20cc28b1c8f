/// Which account has a user name: numbers of accounts, found by a hash of the name that its owner makes. Empty until a
/// first request asks; then it is made in slices, so that no request holds up the refreshes behind it, and takes 16 bytes
/// an account at most.
///
/// Of several accounts with one user name the first is here.
struct Addressees: Sendable {
  /// Accounts that one request takes in.
  static let slice = 4096

  private static let none: Int32 = -1
  private var places: [Int32] = []
  /// The number of the first account that has not been looked at.
  private(set) var next = 0

  /// Begins again when there is no room for so many accounts.
  mutating func reserve(_ count: Int) {
    guard places.count < 2 * count else { return }
    var size = 16
    while size < 2 * count { size *= 2 }
    places = [Int32](repeating: Self.none, count: size)
    next = 0
  }

  /// Accounts have changed: what is here may be wrong.
  mutating func forget() { self = Addressees() }

  /// - Parameter isIt: whether an account has the name that was asked for
  func find(_ hash: UInt64, where isIt: (Int32) -> Bool) -> Int32? {
    guard !places.isEmpty else { return nil }
    let account = places[place(of: hash, isIt)]
    return account == Self.none ? nil : account
  }

  /// The next account to look at, and the hash of its name if it has one.
  ///
  /// - Parameter hasSameName: whether an account that is here already has its name
  mutating func append(_ account: Int32, _ hash: UInt64?, where hasSameName: (Int32) -> Bool) {
    next = Int(account) + 1
    guard let hash else { return }
    let place = place(of: hash, hasSameName)
    if places[place] == Self.none { places[place] = account }
  }

  /// At most half of the places are taken.
  private func place(of hash: UInt64, _ isIt: (Int32) -> Bool) -> Int {
    let mask = places.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while places[place] != Self.none, !isIt(places[place]) { place = (place + 1) & mask }
    return place
  }
}
