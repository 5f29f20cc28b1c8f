import SIPMessage

/// RFC 3261 §10.3 steps 6 to 8: what a REGISTER that was let in does to the bindings. All of it happens or nothing.
extension Registrar {
  /// A contact is the position of one in the request; expiry is in seconds.
  private enum Change {
    case add(contact: Int, expires: UInt32)
    case renew(Int, contact: Int, expires: UInt32)
    case remove(Int)
  }

  /// - Parameter known: the number of its record, which is made when there is none and something to bind.
  /// - Returns: the number of the record to list.
  mutating func update(
    _ known: Int?, by message: Message, _ request: Request, at now: Instant
  ) throws(Answer) -> Int? {
    if let known { counters.lapses += records[known].expire(at: now) }
    let contacts = message.readContacts()
    if !contacts.isEmpty, let known, records[known].lastRequest == request.hash {
      counters.retransmissions += 1
      return known
    }
    let callID = message.callID ?? []
    let changes = try changes(to: known, contacts, message, callID, request.cSeq)
    counters.accepted += 1
    guard !changes.isEmpty else { return known }
    let number = known ?? records.append(addressOfRecord.bytes)
    let callIDHash = CallIDHash(callID)
    observe(number, changes, callID, callIDHash, request.cSeq)
    let origin = Binding.Origin(callID: callID, path: message.joinedPath, cSeq: request.cSeq)
    apply(changes, of: contacts, to: number, origin, at: now)
    records[number].lastCallID = callIDHash
    records[number].lastCSeq = request.cSeq
    records[number].lastRequest = request.hash
    return number
  }

  // MARK: Step 6 and 7

  private mutating func changes(
    to number: Int?, _ contacts: [Contact?], _ message: Message, _ callID: Bytes, _ cSeq: UInt32
  ) throws(Answer) -> [Change] {
    if contacts.contains(where: { $0 == nil }) {
      guard contacts.count == 1, message.expires == DeltaSeconds(0) else { throw Answer(400, "Bad Contact *") }
      guard let number else { return [] }
      for index in records[number].bindings.indices { try checkOrder(number, index, callID, cSeq) }
      return records[number].bindings.indices.map { .remove($0) }
    }
    guard contacts.count <= settings.maximumContacts else { throw Answer(403, "Too Many Contacts") }
    var changes: [Change] = []
    for (position, contact) in contacts.enumerated() {
      guard let contact else { continue }
      let expires = try expires(of: contact, message)
      let index = number.flatMap { records[$0].bindings.index(of: contact.uri) }
      if let number, let index { try checkOrder(number, index, callID, cSeq) }
      switch (index, expires) {
      case (nil, 0): break
      case (let index?, 0): changes.append(.remove(index))
      case (let index?, let expires): changes.append(.renew(index, contact: position, expires: expires))
      case (nil, let expires):
        // Named twice in one request: the last one holds.
        changes.removeAll { change in
          guard case .add(let other, _) = change else { return false }
          return contacts[other]?.uri.isSameContact(as: contact.uri) == true
        }
        changes.append(.add(contact: position, expires: expires))
      }
    }
    return changes
  }

  /// Under the Call-ID of a binding comes a CSeq that is no higher: out of order, and nothing of the request is done.
  private mutating func checkOrder(_ number: Int, _ index: Int, _ callID: Bytes, _ cSeq: UInt32) throws(Answer) {
    guard cSeq <= records[number].bindings[index].cSeq, records[number].bindings[index].isOf(callID) else { return }
    counters.cSeqViolations += 1
    throw Answer(500, "CSeq Out Of Order")
  }

  /// In seconds: the parameter, else the header field, else the default, within the limits.
  private func expires(of contact: Contact, _ message: Message) throws(Answer) -> UInt32 {
    let parameter = contact.parameters["expires"].flatMap(DeltaSeconds.init)
    let asked = (parameter ?? message.expires)?.value ?? settings.defaultExpires
    let minimum = faults.minimumExpires ?? settings.minimumExpires
    guard asked == 0 || asked >= minimum else {
      throw Answer(423, "Interval Too Brief", [(.minExpires, Array(String(minimum).utf8))])
    }
    return min(asked, max(settings.maximumExpires, minimum))
  }

  // MARK: Commit

  /// What a user agent does that it should not, though a registrar accepts it (§10.2).
  private mutating func observe(
    _ number: Int, _ changes: [Change], _ callID: Bytes, _ callIDHash: CallIDHash, _ cSeq: UInt32
  ) {
    guard let lastCallID = records[number].lastCallID else { return }
    let isOther = changes.contains { change in
      switch change {
      case .renew(let index, _, _), .remove(let index): !records[number].bindings[index].isOf(callID)
      case .add: records[number].bindings.isEmpty && lastCallID != callIDHash
      }
    }
    if isOther { counters.callIDChanges += 1 }
    if lastCallID == callIDHash, cSeq <= records[number].lastCSeq { counters.cSeqViolations += 1 }
  }

  private mutating func apply(
    _ changes: [Change], of contacts: [Contact?], to number: Int, _ origin: Binding.Origin, at now: Instant
  ) {
    var gone: Set<Int> = []
    for change in changes {
      switch change {
      case .add(let position, let expires):
        guard let contact = contacts[position] else { continue }
        counters.registrations += 1
        counters.lastRegistrationAt = now
        records[number].bindings.append(
          Binding(
            uri: contact.uri, parameters: contact.withoutExpires, origin, expires: now + .seconds(Int64(expires))))
      case .renew(let index, let position, let expires):
        guard let contact = contacts[position] else { continue }
        counters.refreshes += 1
        counters.lastRefreshAt = now
        leads.record(records[number].bindings[index].expires - now)
        records[number].bindings[index].renew(
          parameters: contact.withoutExpires, origin, expires: now + .seconds(Int64(expires)))
      case .remove(let index):
        counters.removed += 1
        gone.insert(index)
      }
    }
    if !gone.isEmpty { records[number].bindings.remove(gone) }
  }
}

/// What a REGISTER says of a contact (§20.10), lent.
struct Contact {
  let uri: Bytes
  let parameters: Parameters

  fileprivate var withoutExpires: [UInt8] {
    var text: [UInt8] = []
    parameters.forEach { name, value in
      guard !name.equalsIgnoringCase("expires") else { return true }
      text.append(UInt8(ascii: ";"))
      text.append(bytes: name)
      if let value {
        text.append(UInt8(ascii: "="))
        text.append(bytes: value)
      }
      return true
    }
    return text
  }
}

extension Message {
  /// All contacts of a message without a defect; nil is the star.
  fileprivate func readContacts() -> [Contact?] {
    var contacts: [Contact?] = []
    forEachValue(.contact) { value in
      if value.equals("*") {
        contacts.append(nil)
      } else if let layout = try? NameAddr.Layout(value.span) {
        contacts.append(
          Contact(uri: value.part(layout.uri), parameters: Parameters(text: value.part(layout.parameters))))
      }
      return true
    }
    return contacts
  }

  /// The values of Path (RFC 3327 §5.3), each with a line feed behind it.
  fileprivate var joinedPath: [UInt8] {
    var text: [UInt8] = []
    forEachValue(.path) { value in
      text.append(bytes: value)
      text.append(UInt8(ascii: "\n"))
      return true
    }
    return text
  }
}
