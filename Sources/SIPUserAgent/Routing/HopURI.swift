import SIPMessage

/// What is looked up to send a request (RFC 3263): the URI of its next hop, and on which terms that is spoken to.
package struct HopURI: Hashable, Sendable {
  package let uri: URI
  package let profile: ProfileID

  package init(_ uri: URI, profile: ProfileID = .standard) {
    self.uri = uri
    self.profile = profile
  }
}

extension HopURI: CustomStringConvertible {
  package var description: String { uri.description }
}
