extension Message {
  /// What tells whose answer a response is (RFC 3261 §17.1.3, §18.1.2), got out of whatever there is.
  ///
  /// What the match does not need is ignored (§8.2.2 says so of requests) and named; who needs it later reads it by
  /// itself.
  package struct Matching: Sendable {
    /// Of the topmost Via, also of one that can not be read otherwise; nil: none is found.
    package let branch: Bytes?
    /// The topmost; nil where its sent-by can not be read.
    package let via: Via?
    /// Of the first CSeq in which there is one.
    package let method: Method?
    /// Why it may not be used, whoever sent the request.
    package let obstacle: Flaw?
    /// What is wrong with it besides.
    package let ignored: Flaws
  }

  /// Read in full: for a response that is not like most.
  package var matching: Matching {
    let (top, isAlone) = topmostViaValue
    let via = top.flatMap { try? Via(tolerating: $0) }
    let method = cSeqMethod
    let obstacle: Flaw? =
      if !isAlone {
        // Somebody else's, or sent astray (§8.1.3.3).
        .severalVias
      } else if damage.contains(.truncatedBody) {
        // A response whose datagram ends before its body does MUST be discarded (§18.3): more may be missing.
        .truncatedBody
      } else if via == nil {
        .via
      } else if method == nil {
        .cSeq
      } else {
        nil
      }
    return Matching(
      branch: via?.branch ?? top?.branchAnywhere, via: via, method: method, obstacle: obstacle, ignored: flaws)
  }

  /// The first value of Via, and whether it is the only one. An empty value is none.
  private var topmostViaValue: (value: Bytes?, isAlone: Bool) {
    var top: Bytes?
    var isAlone = true
    forEachValue(.via) { value in
      guard !value.isEmpty else { return true }
      if top == nil { top = value } else { isAlone = false }
      return isAlone
    }
    return (top, isAlone)
  }

  /// CSeq = 1*DIGIT LWS Method: the method is what a match needs, and the number is not.
  package var cSeqMethod: Method? {
    for field in fields where field.name == .cSeq {
      let value = value(of: field).span
      var start = 0
      while start < value.count, value[start].isDigit { start += 1 }
      let range = value.trimmed(start..<value.count)
      if let method = try? Method(parsing: value.extracting(range)) { return method }
    }
    return nil
  }
}

extension ArraySlice<UInt8> {
  /// The value of a branch parameter wherever it stands: behind a quote that has no end, for one.
  fileprivate var branchAnywhere: Bytes? {
    let bytes = span
    var index = 0
    while let equals = bytes.first(UInt8(ascii: "="), in: index..<bytes.count) {
      index = equals + 1
      guard equals >= 6, bytes.extracting((equals - 6)..<equals).equalsIgnoringCase("branch") else { continue }
      let end = bytes.token(from: index)
      if end > index { return part(index..<end) }
    }
    return nil
  }
}
