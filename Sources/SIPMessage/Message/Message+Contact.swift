extension Message {
  /// A value of Contact that is known already but for its expires.
  package struct KnownContact: Sendable {
    /// nil: it has none.
    package let expires: DeltaSeconds?
  }

  /// The first value of Contact, when it begins with this very URI in angle brackets, as nearly every registrar sends
  /// ours.
  ///
  /// - Returns: nil when it does not, or when its parameters are not well-formed or have white space or
  ///   capitals: then it is to be read in full.
  package func firstContact(ifItIs uri: Span<UInt8>) -> KnownContact? {
    guard header.contains(.contact), let field = fields.first(where: { $0.name == .contact }), field.isOneLine else {
      return nil
    }
    let (bytes, value) = (bytes.span, field.value)
    let end = value.lowerBound + uri.count + 2
    guard end <= value.upperBound, bytes[value.lowerBound] == UInt8(ascii: "<"), bytes[end - 1] == UInt8(ascii: ">"),
      bytes.contains(uri, at: value.lowerBound + 1),
      bytes.first(UInt8(ascii: ","), in: end..<value.upperBound) == nil,
      let found = Parameters.find("expires=", in: bytes.extracting(0..<value.upperBound), from: end)
    else { return nil }
    guard let range = found.value else { return KnownContact(expires: nil) }
    // What does not fit is to be looked at again.
    return bytes.extracting(range).decimal(UInt32.self).map { KnownContact(expires: DeltaSeconds($0)) }
  }

  /// What of the Contact list of an answer can be told, one by one, until `body` answers false; neither empty values nor
  /// the star count.
  ///
  /// Deviation: a value needs not be well-formed. Whoever looks for one URI in a list has to find it beside what proxies
  /// and registrars put there.
  package func forEachListedContact(_ body: (ListedContact) -> Bool) {
    guard header.contains(.contact) else { return }
    var left = ListedContact.maximumCount
    for field in fields where left > 0 && field.name == .contact {
      ListedContact.forEach(in: value(of: field)) { contact in
        left = body(contact) ? left - 1 : 0
        return left > 0
      }
    }
  }

  /// The first Expires that is a number, in seconds, as `DeltaSeconds.granted` reads it.
  ///
  /// - Parameter asked: what counts where there is none; where none can be read, it is salvaged
  package func grantedExpires(asked: UInt32) -> UInt32 {
    guard header.contains(.expires) else { return asked }
    var salvaged = asked
    for field in fields where field.name == .expires {
      if let seconds = DeltaSeconds.granted(value(of: field), or: asked) { return seconds }
      salvaged = min(salvaged, DeltaSeconds.salvaged(value(of: field), or: asked))
    }
    return salvaged
  }
}
