/// Where a response says that its request came from (RFC 3261 §18.2.1, RFC 3581 §4).
extension Message {
  /// The source of the request as the topmost Via of its response notes it, where that is not its sent-by: somebody in
  /// between changed it.
  ///
  /// - Returns: nil when it is the same, or when nothing is said or nothing that an address could be.
  package var rewrittenSource: Endpoint? {
    if isSourceAsSent { return nil }
    guard let via = try? topmostVia(), case .address(let address) = via.host else { return nil }
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
    guard let semicolon = bytes.first(UInt8(ascii: ";"), in: value) else { return false }
    let parameters = bytes.extracting(0..<value.upperBound)
    guard let received = Parameters.find("received=", in: parameters, from: semicolon),
      let port = Parameters.find("rport=", in: parameters, from: semicolon)
    else { return false }
    let sentBy = bytes.extracting(value.lowerBound..<semicolon)
    return received.value.map { sentBy.endsHost(with: bytes.extracting($0)) } ?? true
      && port.value.map { sentBy.endsPort(with: bytes.extracting($0)) } ?? true
  }
}

/// Of the part of a Via before its parameters.
extension Span<UInt8> {
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
