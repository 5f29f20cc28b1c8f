/// An account as sentences about it need it: what `explain` says, and why a row of `list` is as it is, is made of this and
/// of nothing else. Times are from now on.
package struct Situation: Sendable, Equatable {
  package struct Binding: Sendable, Equatable {
    package var granted: Duration
    package var remaining: Duration
    /// Which of the account's routes holds it, from 1.
    package var route: Int

    package init(granted: Duration, remaining: Duration, route: Int = 1) {
      self.granted = granted
      self.remaining = remaining
      self.route = route
    }
  }

  package struct Failure: Sendable, Equatable {
    package var words: String
    /// The words say to which realm, and as whom, the answer was.
    package var namesCredentials: Bool

    package init(_ words: String, namesCredentials: Bool = false) {
      self.words = words
      self.namesCredentials = namesCredentials
    }
  }

  /// What is said against calls reaching this account though it is bound: the registrar sees us elsewhere.
  package struct Obstacle: Sendable, Equatable {
    package enum Remedy: Sendable { case none, rewriteContact }

    package var seenFrom: String
    package var contact: String
    /// The Contact is an address, and not a name.
    package var isAddress: Bool
    package var remedy: Remedy

    package init(seenFrom: String, contact: String, isAddress: Bool, remedy: Remedy) {
      self.seenFrom = seenFrom
      self.contact = contact
      self.isAddress = isAddress
      self.remedy = remedy
    }
  }

  /// A next hop that fails everybody.
  package struct FailingHop: Sendable, Equatable {
    package var uri: String
    package var duration: Duration
    /// Who asks it at present, or will.
    package var asker: String?
    package var nextAsker: String?
    package var nextQuestion: Duration
    /// Accounts in line.
    package var waiting: Int

    package init(
      uri: String, duration: Duration, asker: String?, nextAsker: String?, nextQuestion: Duration, waiting: Int
    ) {
      self.uri = uri
      self.duration = duration
      self.asker = asker
      self.nextAsker = nextAsker
      self.nextQuestion = nextQuestion
      self.waiting = waiting
    }
  }

  package var name: String
  /// Its host; nil: it has none.
  package var registrar: String?
  package var state: RegistrationState
  /// How many routes are configured.
  package var routes = 1
  package var binding: Binding?
  package var pause: PauseGround?
  package var failure: Failure?
  /// Attempts that failed, one after the other.
  package var failures = 0
  /// When something happens by itself, if it does.
  package var next: Duration?
  package var prospect = Prospect.rest
  package var failingHops: [FailingHop] = []
  /// What is odd about the binding.
  package var notices: [String] = []
  package var obstacle: Obstacle?
  /// How the flow that holds the binding is kept open; nil: nothing is done for it.
  package var flow: Flow?
  /// Where the registrar sees us beyond a NAT that nothing is sent through to keep it open; nil: there is no such.
  package var forgottenBy: String?
  /// With what the peers were answered last, the newest first.
  package var credentials: [CredentialsInUse] = []
  /// What came for the REGISTER that is on its way and could not be used.
  package var discarded: String?

  package init(name: String, registrar: String?, state: RegistrationState) {
    self.name = name
    self.registrar = registrar
    self.state = state
  }
}

extension CredentialsInUse {
  package var words: String { "\(username), realm \(realm), \(algorithm)" }
}
