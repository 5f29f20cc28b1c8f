import NIOConcurrencyHelpers
import SIPMessage

/// The numbers of the profiles of a configuration. Accounts of one file are read by several threads, which all ask here.
///
/// A profile of the configuration at work keeps its number; what that one does not know gets a number of its own, which no
/// other had before.
final class ProfileRegister: Sendable {
  /// Different ones in the life of a daemon, as many as there are numbers.
  private static let limit = Int(UInt16.max)

  private struct State {
    /// That of number 1 comes first.
    var profiles: [ConnectionProfile]
    var numbers: [ConnectionProfile: UInt16] = [:]
    var isAskedFor: [Bool]
  }

  private let state: NIOLockedValueBox<State>

  /// - Parameter former: those of the configuration at work
  init(after former: [ConnectionProfile]) {
    var state = State(profiles: former, isAskedFor: Array(repeating: false, count: former.count))
    for (index, profile) in former.enumerated() where profile != .standard {
      state.numbers[profile] = UInt16(index + 1)
    }
    self.state = NIOLockedValueBox(state)
  }

  /// - Returns: nil when there is no number left.
  func id(of profile: ConnectionProfile) -> ProfileID? {
    guard profile != .standard else { return .standard }
    return state.withLockedValue { state in
      if let number = state.numbers[profile] {
        state.isAskedFor[Int(number) - 1] = true
        return ProfileID(number: number)
      }
      guard state.profiles.count < Self.limit else { return nil }
      state.profiles.append(profile)
      state.isAskedFor.append(true)
      state.numbers[profile] = UInt16(state.profiles.count)
      return ProfileID(number: UInt16(state.profiles.count))
    }
  }

  /// All that were asked for, by their numbers from 1; in the place of one that nobody wants any more stands the standard:
  /// its files may be gone.
  var profiles: [ConnectionProfile] {
    state.withLockedValue { state in zip(state.profiles, state.isAskedFor).map { $1 ? $0 : .standard } }
  }
}
