/// Where a response says that its request came from (RFC 3261 §18.2.1, RFC 3581 §4).
extension Message {
  /// The source of the request as the topmost Via of its response notes it, where that is not its sent-by: somebody in
  /// between changed it.
  ///
  /// - Returns: nil when it is the same, or when nothing is said or nothing that an address could be.
  package var rewrittenSource: Endpoint? {
    if isSourceAsSent { return nil }
    guard let via = toleratedVia, case .address(let address) = via.host else { return nil }
    let port = via.port ?? TransportProtocol.udp.defaultPort
    let source = Endpoint(address: via.received ?? address, port: via.responsePort.port ?? port)
    guard source.port > 0, !source.address.isUnspecified else { return nil }
    return source == Endpoint(address: address, port: port) ? nil : source
  }

  /// Compared as it is written, as nearly everybody writes it; false also where that does not tell.
  private var isSourceAsSent: Bool {
    let header = header
    guard header.hasEssentials, header.essential(.via).isOneLine else { return false }
    let (bytes, value) = (bytes.span, header.essential(.via).value)
    guard var semicolon = bytes.first(UInt8(ascii: ";"), in: value) else { return false }
    let sentBy = bytes.extracting(value.lowerBound..<semicolon)
    while semicolon + 1 < value.upperBound {
      let start = semicolon + 1
      let end = bytes.first(UInt8(ascii: ";"), in: start..<value.upperBound) ?? value.upperBound
      guard sentBy.agrees(with: bytes.extracting(start..<end)) else { return false }
      semicolon = end
    }
    return true
  }
}

/// The part of a Via before its parameters, compared with one of them.
extension Span<UInt8> {
  /// Whether a parameter says nothing of the source, or what stands here already.
  fileprivate func agrees(with parameter: Span<UInt8>) -> Bool {
    guard !parameter.isEmpty, parameter[0].lowercasedASCII == UInt8(ascii: "r") || parameter[0].isWhiteSpace else {
      return true
    }
    if parameter.contains("received=", at: 0) { return endsHost(with: parameter.extracting(9..<parameter.count)) }
    if parameter.contains("rport=", at: 0) { return endsPort(with: parameter.extracting(6..<parameter.count)) }
    // Any other that begins so, or with white space, is left to who reads all of it.
    return parameter.equals("rport")
  }

  /// Whether the host before the port is this one, without the brackets of IPv6.
  fileprivate func endsHost(with host: Span<UInt8>) -> Bool {
    guard let colon = lastColon else { return false }
    let end = colon > 0 && self[colon - 1] == UInt8(ascii: "]") ? colon - 1 : colon
    let start = end - host.count
    guard start > 0, contains(host, at: start) else { return false }
    return self[start - 1] == UInt8(ascii: " ") || self[start - 1] == UInt8(ascii: "[")
  }

  fileprivate func endsPort(with port: Span<UInt8>) -> Bool {
    guard let colon = lastColon else { return false }
    return extracting((colon + 1)..<count).equals(port)
  }

  private var lastColon: Int? {
    var index = count - 1
    while index >= 0 {
      if self[index] == UInt8(ascii: ":") { return index }
      index -= 1
    }
    return nil
  }
}
