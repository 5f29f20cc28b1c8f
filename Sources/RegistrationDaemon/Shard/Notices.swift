import SIPMessage
import Synchronization

/// What was said of each next hop last: it is said again when it changes, and not with every REGISTER.
final class Notices: Sendable {
  /// Next hops that are remembered. Beyond it all are forgotten, and what is still so is said once more.
  private static let limit = 256

  private let said = Mutex<[URI: String]>([:])

  init() {}

  func isNews(_ words: String, of uri: URI) -> Bool {
    said.withLock { said in
      guard said[uri] != words else { return false }
      if said.count >= Self.limit { said = [:] }
      said[uri] = words
      return true
    }
  }
}
