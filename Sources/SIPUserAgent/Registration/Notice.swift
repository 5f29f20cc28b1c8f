import SIPMessage

/// What is odd about a registration that goes on all the same, for people.
package enum Notice: Sendable, Equatable {
  /// The 2xx does not list our Contact, but this one.
  case anotherContact(String)
  /// The 2xx lists no Contact.
  case noContact
  /// Longer than is kept (`Binding.Limits`): it is as if there were none.
  case longServiceRoute
  /// Several flows were asked for, and the registrar does not keep them apart (RFC 5626 §6).
  case noOutbound

  /// As much of a Contact as is shown, in characters.
  static let shownContact = 200

  init?(_ listed: OwnContact.Listing) {
    switch listed {
    case .ours: return nil
    case .none: self = .noContact
    case .another(let text): self = .anotherContact(text.printable(atMost: Self.shownContact))
    }
  }
}

extension Notice: CustomStringConvertible {
  package var description: String {
    switch self {
    case .anotherContact(let text): "accepted, but the registrar lists another Contact: \(text)"
    case .noContact: "accepted, but the registrar lists no Contact"
    case .noOutbound:
      "the registrar does not say that it knows several flows (outbound, RFC 5626): calls may come over each"
    case .longServiceRoute: "the Service-Route of the registrar is longer than what is kept, and not used"
    }
  }
}
