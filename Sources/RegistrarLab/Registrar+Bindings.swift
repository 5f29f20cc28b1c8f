import SIPMessage
import SIPTransaction

/// RFC 3261 §10.3 steps 6 to 8: what a REGISTER that was let in does to the bindings. All of it happens or nothing.
extension Registrar {
  private enum Change {
    case add(Binding)
    case renew(Int, Binding)
    case remove(Int)

    func adds(_ contact: URI) -> Bool {
      if case .add(let binding) = self { binding.isFor(contact) } else { false }
    }
  }

  mutating func update(_ aor: AddressOfRecord, by message: Message, at now: Instant) -> Answer {
    var record = records[aor] ?? Record()
    counters.lapses += record.expire(at: now)
    defer { if records[aor] != nil || !record.bindings.isEmpty { records[aor] = record } }

    guard let contacts = try? message.contacts(), let cSeq = try? message.cSeq(), let callID = message.callID else {
      return Answer(400, "Bad Request")
    }
    let request = message.transactionHash
    if !contacts.isEmpty, record.lastRequest == request {
      counters.retransmissions += 1
      return listing(record, message, at: now)
    }
    let changes: [Change]
    do throws(Refusal) {
      changes = try self.changes(to: record, contacts, message, callID, cSeq.number, at: now)
    } catch {
      return error.answer
    }
    counters.accepted += 1
    guard !changes.isEmpty else { return listing(record, message, at: now) }
    observe(record, changes, callID, cSeq.number)
    apply(changes, to: &record, at: now)
    (record.lastCallID, record.lastCSeq, record.lastRequest) = (Array(callID), cSeq.number, request)
    return listing(record, message, at: now)
  }

  // MARK: Step 6 and 7

  private struct Refusal: Error {
    var answer: Answer
    init(_ status: Int, _ reason: String, _ fields: [(HeaderName, [UInt8])] = []) {
      answer = Answer(status, reason, fields)
    }
  }

  private mutating func changes(
    to record: Record, _ contacts: [ContactValue], _ message: Message, _ callID: Bytes, _ cSeq: UInt32, at now: Instant
  ) throws(Refusal) -> [Change] {
    if contacts.contains(.star) {
      guard contacts.count == 1, message.expires == DeltaSeconds(0) else { throw Refusal(400, "Bad Contact *") }
      for binding in record.bindings { try checkOrder(binding, callID, cSeq) }
      return record.bindings.indices.map { .remove($0) }
    }
    guard contacts.count <= settings.maximumContacts else { throw Refusal(403, "Too Many Contacts") }
    let path = message.values(.path).map { Array($0) }
    var changes: [Change] = []
    for case .address(let contact) in contacts {
      let expires = try expires(of: contact, message)
      let index = record.bindings.firstIndex { $0.isFor(contact.uri) }
      if let index { try checkOrder(record.bindings[index], callID, cSeq) }
      switch (index, expires) {
      case (nil, 0): break
      case (let index?, 0): changes.append(.remove(index))
      case (let index, let expires):
        // A copy of its own: a part of the message would keep all of it.
        let uri = index.map { record.bindings[$0].contact } ?? contact.uri
        let binding = Binding(
          contact: (try? URI(parsing: Array(uri.text)[...])) ?? uri, parameters: contact.withoutExpires, path: path,
          callID: Array(callID), cSeq: cSeq, expires: now + .seconds(Int64(expires)))
        // Named twice in one request: the last one holds.
        changes.removeAll { $0.adds(contact.uri) }
        changes.append(index.map { .renew($0, binding) } ?? .add(binding))
      }
    }
    return changes
  }

  /// The same Call-ID and a CSeq that is no higher: out of order, and nothing of the request is done.
  private mutating func checkOrder(_ binding: Binding, _ callID: Bytes, _ cSeq: UInt32) throws(Refusal) {
    guard binding.callID[...] == callID, cSeq <= binding.cSeq else { return }
    counters.cSeqViolations += 1
    throw Refusal(500, "CSeq Out Of Order")
  }

  /// In seconds: the parameter, else the header field, else the default, within the limits.
  private func expires(of contact: NameAddr, _ message: Message) throws(Refusal) -> UInt32 {
    let asked = (contact.expires ?? message.expires)?.value ?? settings.defaultExpires
    let minimum = faults.minimumExpires ?? settings.minimumExpires
    guard asked == 0 || asked >= minimum else {
      throw Refusal(423, "Interval Too Brief", [(.minExpires, Array(String(minimum).utf8))])
    }
    return min(asked, max(settings.maximumExpires, minimum))
  }

  // MARK: Commit

  /// What a user agent does that it should not, though a registrar accepts it (§10.2).
  private mutating func observe(_ record: Record, _ changes: [Change], _ callID: Bytes, _ cSeq: UInt32) {
    guard !record.lastCallID.isEmpty else { return }
    let isOther = changes.contains { change in
      switch change {
      case .renew(let index, _), .remove(let index): record.bindings[index].callID[...] != callID
      case .add: record.bindings.isEmpty && record.lastCallID[...] != callID
      }
    }
    if isOther { counters.callIDChanges += 1 }
    if record.lastCallID[...] == callID, cSeq <= record.lastCSeq { counters.cSeqViolations += 1 }
  }

  private mutating func apply(_ changes: [Change], to record: inout Record, at now: Instant) {
    var gone: [Int] = []
    for change in changes {
      switch change {
      case .add(let binding):
        counters.registrations += 1
        counters.lastRegistrationAt = now
        record.bindings.append(binding)
      case .renew(let index, let binding):
        counters.refreshes += 1
        counters.lastRefreshAt = now
        leads.record(record.bindings[index].expires - now)
        record.bindings[index] = binding
      case .remove(let index):
        counters.removed += 1
        gone.append(index)
      }
    }
    for index in Set(gone).sorted(by: >) { record.bindings.remove(at: index) }
  }

  /// Step 8: every binding with its expiry, and the Path that was stored (RFC 3327 §5.3).
  private func listing(_ record: Record, _ message: Message, at now: Instant) -> Answer {
    var answer = Answer(200, "OK", record.bindings.map { (.contact, $0.contactValue(at: now)) })
    for path in message.values(.path) { answer.fields.append((.path, Array(path))) }
    return answer
  }
}

extension NameAddr {
  fileprivate var withoutExpires: [UInt8] {
    guard !parameters.isEmpty else { return [] }
    var text: [UInt8] = []
    parameters.forEach { name, value in
      guard !name.equalsIgnoringCase("expires") else { return true }
      text.append(UInt8(ascii: ";"))
      text += name
      if let value { text += [UInt8(ascii: "=")] + value }
      return true
    }
    return text
  }
}
