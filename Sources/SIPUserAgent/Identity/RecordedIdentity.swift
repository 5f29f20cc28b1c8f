import SIPMessage

/// The identity of a record, written out only when somebody reads it: the records of many accounts wait for the disk
/// together or come from it one after the other, and each would leave holes in the heap.
package struct RecordedIdentity: Sendable, Equatable {
  private enum Form: Sendable {
    case written(Identity)
    /// The domain is that of the address of record.
    case compact(CompactIdentity, URI)
    /// As it was read, and looked at then.
    case read(CompactIdentity, domain: Host)
  }

  private let form: Form

  init(_ identity: Identity) { form = .written(identity) }

  init(_ identity: CompactIdentity, addressOfRecord: URI) { form = .compact(identity, addressOfRecord) }

  fileprivate init(_ identity: CompactIdentity, domain: Host) { form = .read(identity, domain: domain) }

  package static func == (left: Self, right: Self) -> Bool { left.identity == right.identity }

  var identity: Identity {
    switch form {
    case .written(let identity): identity
    case .compact(let identity, let addressOfRecord):
      identity.identity(domain: Registrant.domain(of: addressOfRecord))
    case .read(let identity, let domain): identity.identity(domain: domain)
    }
  }

  /// As `RegistrationRecord.key`.
  package var key: UInt64 {
    switch form {
    case .written(let identity): RegistrationRecord.key(ofTag: identity.fromTag)
    case .compact(let identity, _), .read(let identity, _): identity.key
    }
  }

  func append(callIDTo bytes: inout [UInt8]) {
    switch form {
    case .written(let identity): bytes.append(text: identity.callID)
    case .compact(let identity, let addressOfRecord):
      bytes.append(reserving: identity.callIDRoom(domain: addressOfRecord.domainRoom)) {
        identity.append(callIDTo: &$0, of: addressOfRecord)
      }
    case .read(let identity, let domain):
      bytes.append(reserving: identity.callIDRoom(domain: domain.room)) {
        identity.append(callIDTo: &$0, domain: domain)
      }
    }
  }

  func append(fromTagTo bytes: inout [UInt8]) {
    switch form {
    case .written(let identity): bytes.append(text: identity.fromTag)
    case .compact(let identity, _), .read(let identity, _):
      bytes.append(reserving: identity.fromTagRoom) { identity.append(fromTagTo: &$0) }
    }
  }

  /// The identity for an account of this address of record; nil when it must not be put into a request: what a damaged
  /// file holds.
  func usable(by addressOfRecord: URI) -> CompactIdentity? {
    // What was made of the same address of record is as it was made.
    if case .compact(.made(let high, let low, let tag), addressOfRecord) = form {
      return .made(high: high, low: low, tag: tag)
    }
    return usable(domain: Registrant.domain(of: addressOfRecord))
  }

  /// The identity for all addresses of this domain; nil when it must not be put into a request.
  func usable(domain: Host) -> CompactIdentity? {
    if case .read(let compact, let own) = form, own == domain { return compact }
    let identity = identity
    guard IdentityReader.isCallID(identity.callID.utf8.span), IdentityReader.isTag(identity.fromTag.utf8.span) else {
      return nil
    }
    return CompactIdentity(identity, domain: domain)
  }
}

/// Reads the identities of records. Those that were made here become no text: with a million of them that would be most
/// of the work of a start.
package struct IdentityReader: ~Copyable {
  /// Of the Call-ID before: most accounts of a daemon share a few.
  private var domain: (text: [UInt8], host: Host?) = ([], nil)

  package init() {}

  /// - Returns: nil for what must not be put into a request.
  package mutating func read(callID: Span<UInt8>, fromTag: Span<UInt8>) -> RecordedIdentity? {
    if let identity = CompactIdentity(callID: callID, fromTag: fromTag),
      let domain = host(callID.extracting(CompactIdentity.domainStart..<callID.count))
    {
      return RecordedIdentity(identity, domain: domain)
    }
    guard Self.isCallID(callID), Self.isTag(fromTag) else { return nil }
    return RecordedIdentity(Identity(callID: Self.text(callID), fromTag: Self.text(fromTag)))
  }

  /// The host that is written so, letter by letter.
  private mutating func host(_ text: Span<UInt8>) -> Host? {
    if !text.equals(domain.text.span) {
      domain.text = Array(Self.text(text).utf8)
      domain.host = Host(domain.text[...]).flatMap { Array($0.description.utf8) == domain.text ? $0 : nil }
    }
    return domain.host
  }

  /// callid = word [ "@" word ]
  fileprivate static func isCallID(_ bytes: Span<UInt8>) -> Bool {
    for index in 0..<bytes.count where !(bytes[index].isWord || bytes[index] == UInt8(ascii: "@")) { return false }
    return !bytes.isEmpty
  }

  fileprivate static func isTag(_ bytes: Span<UInt8>) -> Bool { !bytes.isEmpty && bytes.token(from: 0) == bytes.count }

  private static func text(_ bytes: Span<UInt8>) -> String {
    unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}
