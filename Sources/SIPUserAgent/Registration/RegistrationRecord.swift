import SIPMessage

/// What of an account survives the process: enough to resume a live binding without sending anything, and never to
/// repeat a CSeq (RFC 3261 §10.2.4).
package struct RegistrationRecord: Sendable, Equatable {
  private var recorded: RecordedIdentity
  /// No request of this Call-ID had this number or a higher one: whoever resumes begins here.
  package var cSeqCeiling: UInt32
  package var binding: Binding?
  private(set) var fewNonces: ShortList<CachedNonce>
  /// What a 423 taught, in seconds.
  package var minimumExpires: UInt32?
  package var pause: PauseReason?
  /// The fingerprint of secrets that were rejected (`Credential.fingerprint`): they are not tried again at every start.
  package var rejected: UInt16?
  /// Where the peers saw us when the binding was made or renewed, where that is not where we are.
  package var seenFrom: Endpoint?
  private var grants = OptionalBox<Granted>()
}

extension RegistrationRecord {
  package init(
    callID: String, fromTag: String, cSeqCeiling: UInt32, binding: Binding? = nil, nonces: [CachedNonce] = [],
    minimumExpires: UInt32? = nil, pause: PauseReason? = nil, rejected: UInt16? = nil
  ) {
    self.init(
      recorded: RecordedIdentity(Identity(callID: callID, fromTag: fromTag)), cSeqCeiling: cSeqCeiling,
      binding: binding, fewNonces: ShortList(nonces), minimumExpires: minimumExpires, pause: pause, rejected: rejected)
  }

  /// One that was stored.
  package init(
    identity: consuming RecordedIdentity, cSeqCeiling: UInt32, binding: consuming Binding?, nonces: [CachedNonce],
    minimumExpires: UInt32?, pause: PauseReason?, rejected: UInt16?
  ) {
    self.init(
      recorded: identity, cSeqCeiling: cSeqCeiling, binding: binding, fewNonces: ShortList(nonces),
      minimumExpires: minimumExpires, pause: pause, rejected: rejected)
  }

  init(
    identity: CompactIdentity, addressOfRecord: URI, cSeqCeiling: UInt32, binding: consuming Binding?,
    nonces: consuming ShortList<CachedNonce>, minimumExpires: UInt32?, pause: PauseReason?, rejected: UInt16? = nil
  ) {
    self.init(
      recorded: RecordedIdentity(identity, addressOfRecord: addressOfRecord), cSeqCeiling: cSeqCeiling,
      binding: binding, fewNonces: nonces, minimumExpires: minimumExpires, pause: pause, rejected: rejected)
  }
}

extension RegistrationRecord {
  /// `UUID@domain`, made once.
  package var callID: String {
    get { identity.callID }
    set { recorded = RecordedIdentity(Identity(callID: newValue, fromTag: fromTag)) }
  }

  package var fromTag: String {
    get { identity.fromTag }
    set { recorded = RecordedIdentity(Identity(callID: callID, fromTag: newValue)) }
  }

  package var identity: Identity { recorded.identity }

  /// Writes the Call-ID behind other bytes.
  package func append(callIDTo bytes: inout [UInt8]) { recorded.append(callIDTo: &bytes) }
  /// Writes the From tag behind other bytes.
  package func append(fromTagTo bytes: inout [UInt8]) { recorded.append(fromTagTo: &bytes) }

  /// One for each server and proxy that asked.
  package var nonces: [CachedNonce] {
    get { Array(fewNonces) }
    set { fewNonces = ShortList(newValue) }
  }

  package var hasNonces: Bool { !fewNonces.isEmpty }

  /// The nonces in order, without a list of their own.
  package func forEachNonce(_ body: (CachedNonce) -> Void) { fewNonces.forEachLent(body) }
}

extension RegistrationRecord {
  /// What was granted beside the binding, if anything.
  package var granted: Granted? {
    get { grants.value }
    set { grants.value = newValue }
  }
}

extension RegistrationRecord {
  /// The identity with which an account of this address can go on; nil when it can not. What a damaged file holds is not
  /// put into a request, and a ceiling at the end of the numbers leaves no room: a new identity is better than none.
  func usableIdentity(by addressOfRecord: URI) -> CompactIdentity? {
    CSeqSpace.hasRoom(cSeqCeiling) ? recorded.usable(by: addressOfRecord) : nil
  }
}

extension RegistrationRecord {
  /// Tells the record from all others: the From tag is 64 bits of chance. One of another form is hashed (FNV-1a).
  package var key: UInt64 { recorded.key }

  static func key(ofTag tag: String) -> UInt64 {
    if tag.utf8.count == 16, let number = UInt64(tag, radix: 16) { return number }
    return tag.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Brings the record up to a refresh that came after it.
  package mutating func renew(_ renewal: Renewal) {
    binding?.registeredAt = renewal.registeredAt
    binding?.expiresAt = renewal.expiresAt
    fewNonces.updateEach { $0.count = max($0.count, renewal.nonceCount) }
  }
}
