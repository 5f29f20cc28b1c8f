/// Which accounts are meant: type `Filter` of the interface file. What is absent does not restrict; what is given must
/// all hold.
package struct AccountFilter: Codable, Sendable, Equatable {
  /// The longest pattern and the longest domain, in bytes: a name of the DNS has at most so many (RFC 1035 §2.3.4).
  package static let longestText = 256

  package var states: [RegistrationState]?
  package var domain: String?
  package var pattern: String?
  /// Only those that are bound, or only those that are not.
  package var bound: Bool?

  package init(
    states: [RegistrationState]? = nil, domain: String? = nil, pattern: String? = nil, bound: Bool? = nil
  ) {
    self.states = states
    self.domain = domain
    self.pattern = pattern
    self.bound = bound
  }

  /// The name of a parameter that is too long.
  var excess: String? {
    if Self.isTooLong(pattern) { return "pattern" }
    return Self.isTooLong(domain) ? "domain" : nil
  }

  static func isTooLong(_ text: String?) -> Bool { text.map { $0.utf8.count > longestText } ?? false }
}

/// Which accounts a change is for: the parameters of `Refresh`, `Pause` and `Resume`.
package struct AccountSelection: Codable, Sendable, Equatable {
  package var names: [String]
  package var pattern: String?
  package var all: Bool?

  package init(names: [String] = [], pattern: String? = nil, all: Bool? = nil) {
    self.names = names
    self.pattern = pattern
    self.all = all
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    names = try container.decodeIfPresent([String].self, forKey: .names) ?? []
    pattern = try container.decodeIfPresent(String.self, forKey: .pattern)
    all = try container.decodeIfPresent(Bool.self, forKey: .all)
  }

  /// An empty selection is a mistake, not a request for everything.
  package var isEmpty: Bool { names.isEmpty && pattern == nil && all != true }

  /// Each account is meant by its name.
  package var isOfNames: Bool { !names.isEmpty && pattern == nil && all != true }

  /// Everything, and yet not everything: whoever gives both has made a mistake.
  package var isContradictory: Bool { all == true && (pattern != nil || !names.isEmpty) }
}
