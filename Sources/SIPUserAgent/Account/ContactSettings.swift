import SIPMessage

/// What stands in Contact instead of the local address: a registration on behalf of another host is normal.
package struct ContactSettings: Sendable, Hashable {
  /// nil: the user part of the address of record.
  package var user: String?
  /// nil: the local address towards the next hop.
  package var host: Host?
  /// nil: the local port, or none with a host of its own.
  package var port: UInt16?
  /// The address in `received` and `rport` (RFC 3581) takes the place of the local one: for a NAT that nobody helps with.
  package var followsNAT: Bool
  /// URI parameters, as `;name=value`, empty or beginning with a semicolon.
  package var parameters: String
  /// How our Contact is found among those that a registrar lists.
  package var matching: ContactMatching

  /// A mark of one's own among the parameters.
  var hasMark: Bool {
    !parameters.isEmpty && Parameters(text: Bytes(parameters)).contains(OwnContact.marker)
  }

  /// Somebody's words stand in the Contact, which may make no URI.
  var isOfWords: Bool { user != nil || host != nil || !parameters.isEmpty }

  package init(
    user: String? = nil, host: Host? = nil, port: UInt16? = nil, followsNAT: Bool = false,
    parameters: String = "", matching: ContactMatching = .tolerant
  ) {
    self.user = user
    self.host = host
    self.port = port
    self.followsNAT = followsNAT
    self.parameters = parameters
    self.matching = matching
  }
}

/// How much a registrar may have changed of our Contact.
package enum ContactMatching: String, Sendable, CaseIterable {
  /// It is ours by URI comparison, by its mark or by where it leads; a 2xx that lists none, or one that is not ours, is
  /// believed.
  case tolerant
  /// To the letter of RFC 3261 §10.2.4: by URI comparison, or by its mark.
  case strict
}
