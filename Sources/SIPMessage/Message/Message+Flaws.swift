extension Message {
  /// Everything that is wrong with what every message has, whether or not somebody minds.
  package var flaws: Flaws {
    var flaws = damage
    if !header.hasEssentials { flaws.insert(.missingField) }
    if header.doubled != nil { flaws.insert(.doubledField) }
    if !hasReadableVias { flaws.insert(.via) }
    if isUnreadable(.from) { flaws.insert(.from) }
    if isUnreadable(.to) { flaws.insert(.to) }
    if withFirst(.cSeq, { (try? CSeq($0)) == nil }) == true { flaws.insert(.cSeq) }
    if withFirst(.callID, { !$0.isCallID }) == true { flaws.insert(.callID) }
    guard case .request(_, let uri) = startLine else { return flaws }
    if (try? URI.Layout(uri.span)) == nil { flaws.insert(.requestURI) }
    // In a response the Contacts are those of everybody who registered: whoever looks for one of its own skips the rest.
    if !areAddresses(.contact, orStar: true) { flaws.insert(.contact) }
    if !areAddresses(.route, orStar: false) { flaws.insert(.route) }
    return flaws
  }

  private var hasReadableVias: Bool {
    var count = 0
    var isReadable = true
    forEachValue(.via) { value in
      count += 1
      isReadable = count <= Limits.standard.vias && (try? Via(parsing: value))?.isVersion2 == true
      return isReadable
    }
    return isReadable
  }

  private func isUnreadable(_ name: HeaderName) -> Bool {
    withFirst(name) { (try? NameAddr.Layout($0)) == nil } == true
  }

  /// Whether every value of this name is an address.
  func areAddresses(_ name: HeaderName, orStar: Bool) -> Bool {
    var isReadable = true
    forEachValue(name) { value in
      isReadable = orStar && value.equals("*") || (try? NameAddr.Layout(value.span)) != nil
      return isReadable
    }
    return isReadable
  }
}

extension Span<UInt8> {
  /// callid = word [ "@" word ]; more than one "@" is let pass.
  var isCallID: Bool { !isEmpty && allSatisfy { $0.isWord || $0 == UInt8(ascii: "@") } }
}
