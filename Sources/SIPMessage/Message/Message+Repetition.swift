extension Message {
  /// What an answer repeats of a request of ours (RFC 3261 §8.2.6.2): it needs no reading a second time, but is compared
  /// with what was sent. This says yes to what `matching` finds good and without a flaw, and to nothing else; where it
  /// does not say yes, that is to be asked.
  package struct Repetition: Sendable {
    fileprivate let via: HeaderField
    fileprivate let from: HeaderField
    fileprivate let to: HeaderField
    fileprivate let callID: HeaderField
    fileprivate let cSeq: HeaderField
    /// Where the parameters of Via begin.
    fileprivate let parameters: Int
    fileprivate let branch: Range<Int>
  }

  /// - Returns: nil where not everything is as nearly everybody answers, or there is a flaw.
  package var repetition: Repetition? {
    let header = header
    guard status != nil, damage.isEmpty, header.doubled == nil, header.hasEssentials, !header.hasSeveralVias else {
      return nil
    }
    let (via, from, to) = (header.essential(.via), header.essential(.from), header.essential(.to))
    let (callID, cSeq) = (header.essential(.callID), header.essential(.cSeq))
    guard via.isOneLine, from.isOneLine, to.isOneLine, callID.isOneLine, cSeq.isOneLine else { return nil }
    let bytes = bytes.span
    guard let semicolon = bytes.first(UInt8(ascii: ";"), in: via.value),
      let branch = Parameters.find("branch=", in: bytes.extracting(0..<via.value.upperBound), from: semicolon)?.value
    else { return nil }
    return Repetition(
      via: via, from: from, to: to, callID: callID, cSeq: cSeq, parameters: semicolon, branch: branch)
  }

  /// The branch of Via, lent; nothing is known of it yet.
  package func withBranch<Result>(of repetition: Repetition, _ body: (Span<UInt8>) -> Result) -> Result {
    body(bytes.span.extracting(repetition.branch))
  }

  /// Whether From, Call-ID and CSeq are the lines of a request, Via those of it up to its parameters, and To one with
  /// nothing but parameters behind it.
  ///
  /// - Parameters:
  ///   - request: as we wrote it, its header fields in the order of `RepeatedField`
  ///   - repetition: of this message, whose branch has been found to be that of the request
  package func repeats(_ request: Span<UInt8>, in repetition: Repetition) -> Bool {
    let bytes = bytes.span
    // Where the next one is looked for.
    guard var line = request.nextLine(from: 0) else { return false }
    for field in RepeatedField.allCases {
      let next: Int? =
        switch field {
        case .via: request.followsVia(repetition, of: bytes, at: line)
        case .from: request.find(repetition.from, of: bytes, from: line)
        case .to: request.find(addressOf: repetition.to, of: bytes, from: line)
        case .callID: request.find(repetition.callID, of: bytes, from: line)
        case .cSeq: request.find(repetition.cSeq, of: bytes, from: line)
        }
      guard let next else { return false }
      line = next
    }
    return true
  }
}

/// Of a request that was written here.
extension Span<UInt8> {
  fileprivate func nextLine(from start: Int) -> Int? {
    guard let end = firstLineBreak(in: start..<count), contains(0x0D, at: end), contains(0x0A, at: end + 1) else {
      return nil
    }
    return end + 2
  }

  /// The line that is the same as this field with its end, byte by byte.
  ///
  /// - Returns: where the next line begins.
  fileprivate func find(_ field: HeaderField, of message: Span<UInt8>, from start: Int) -> Int? {
    let range = field.written.lowerBound..<(field.value.upperBound + 2)
    guard range.upperBound <= message.count else { return nil }
    let wanted = message.extracting(range)
    var line = start
    while !contains(wanted, at: line) {
      guard let next = nextLine(from: line) else { return nil }
      line = next
    }
    return line + wanted.count
  }

  /// The line that is the same as Via up to its parameters, which stands here.
  ///
  /// - Returns: where the next line begins.
  fileprivate func followsVia(_ repetition: Message.Repetition, of message: Span<UInt8>, at line: Int) -> Int? {
    let wanted = message.extracting(repetition.via.written.lowerBound...repetition.parameters)
    return contains(wanted, at: line) ? nextLine(from: line) : nil
  }

  /// The line of which this field is a copy with parameters behind it.
  ///
  /// - Returns: where the next line begins.
  fileprivate func find(addressOf field: HeaderField, of message: Span<UInt8>, from start: Int) -> Int? {
    var line = start
    while let next = nextLine(from: line) {
      let address = extracting(line..<(next - 2))
      let parameters = field.written.lowerBound + address.count
      if !address.isEmpty, parameters <= field.value.upperBound,
        message.contains(address, at: field.written.lowerBound)
      {
        let value = message.extracting(0..<field.value.upperBound)
        return Parameters.find("", in: value, from: parameters) == nil ? nil : next
      }
      line = next
    }
    return nil
  }
}
