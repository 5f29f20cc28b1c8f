import SIPMessage

/// What an account learned of its registrar, its proxies and the network on the way.
extension Registrant {
  /// What few registrars and fewer networks teach.
  struct Learned: Sendable, Equatable {
    var minimumExpires: UInt32?
    /// What the peers want left out of what is offered.
    var withheld: Extensions = []
    /// The last REGISTERs were too large for a datagram.
    var isLarge = false
    var granted: Granted?
    var addressChanges: UInt8 = 0
    var seenAs: Endpoint?
    var seenFrom: Endpoint?
    var notices: [Notice] = []
    var rejected: UInt16?
    var doubts: UInt8 = 0
  }

  private mutating func learn(_ change: (inout Learned) -> Void) {
    var lessons = learned.value ?? Learned()
    change(&lessons)
    learned.value = lessons == Learned() ? nil : lessons
  }

  /// What a 423 taught, in seconds.
  var minimumExpires: UInt32? {
    get { learned.value?.minimumExpires }
    set {
      learn { $0.minimumExpires = newValue }
      isRecorded = false
    }
  }

  /// What a REGISTER offers: what the account has, but for what a 420 or 439 said to leave out. Some registrars do not
  /// want Path.
  var offered: Extensions {
    get {
      let own: Extensions = account.outbound == nil ? .path : [.path, .outbound]
      return learned.isEmpty ? own : own.subtracting(learned.value?.withheld ?? [])
    }
    set { learn { $0.withheld = Extensions([.path, .outbound]).subtracting(newValue) } }
  }

  /// Its REGISTERs are too large for a datagram.
  var isLarge: Bool {
    get { learned.value?.isLarge ?? false }
    set { learn { $0.isLarge = newValue } }
  }

  /// What the last 2xx granted beside the binding; nil: nothing.
  var granted: Granted? { learned.value?.granted }

  /// What a 2xx granted to a former process.
  mutating func recall(_ granted: Granted) { learn { $0.granted = granted } }

  /// Looks at what a 2xx grants. Nearly always there is nothing of the kind.
  mutating func noteGrants(_ response: Message) {
    let outbound = offered.contains(.outbound) ? account.outbound : nil
    guard outbound != nil || Granted.mayBeSome(in: response) || granted != nil else { return }
    let new = Granted(by: response, instance: outbound?.instance(of: account.addressOfRecord))
    let granted = new == Granted() ? nil : new
    guard self.granted != granted else { return }
    let isStored = self.granted.flatMap { former in granted?.isWorthTheSame(as: former) } == true
    learn { $0.granted = granted }
    if !isStored { isRecorded = false }
  }

  /// Changes in a row of how we are seen.
  var addressChanges: UInt8 {
    get { learned.value?.addressChanges ?? 0 }
    set { learn { $0.addressChanges = newValue } }
  }

  /// How the peers see us from beyond a NAT, where the Contact follows that.
  var seenAs: Endpoint? {
    get { learned.value?.seenAs }
    set {
      learn { $0.seenAs = newValue }
      contactWay = nil
    }
  }

  /// Where the last request that was accepted came from in the peers' eyes; nil where they say nothing else than we do.
  var seenFrom: Endpoint? {
    get { learned.value?.seenFrom }
    set {
      guard newValue != seenFrom else { return }
      learn { $0.seenFrom = newValue }
      isRecorded = false
    }
  }

  /// Looks at what a 2xx says of that. Nearly always there is nothing to learn.
  mutating func noteSource(_ response: Message) {
    let seen = response.rewrittenSource
    if seen != nil || !learned.isEmpty { seenFrom = seen }
  }

  /// What is odd about the binding, if anything.
  var notices: [Notice] {
    get { learned.value?.notices ?? [] }
    set { learn { $0.notices = newValue } }
  }

  /// The fingerprint of the secrets that were rejected, as long as nothing else has been said of them.
  var rejected: UInt16? {
    get { learned.value?.rejected }
    set {
      learn { $0.rejected = newValue }
      isRecorded = false
    }
  }

  /// How often in a row credentials that were good before were rejected since.
  var doubts: UInt8 {
    get { learned.value?.doubts ?? 0 }
    set { learn { $0.doubts = newValue } }
  }
}
