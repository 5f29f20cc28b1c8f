import SIPMessage

/// What an account learned of its registrar, its proxies and the network on the way.
extension Registrant {
  /// What few registrars and fewer networks teach.
  struct Learned: Sendable, Equatable {
    var minimumExpires: UInt32?
    var offersPath = true
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

  /// What a 420 taught: some registrars do not want Path.
  var offersPath: Bool {
    get { learned.value?.offersPath ?? true }
    set { learn { $0.offersPath = newValue } }
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
    set { learn { $0.seenFrom = newValue } }
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
