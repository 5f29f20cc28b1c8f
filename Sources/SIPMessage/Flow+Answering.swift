extension Flow {
  /// Where the answer to a request goes that came over this flow (RFC 3261 §18.2.2, RFC 3581 §4): back over its
  /// connection; over UDP to the address it came from, at the source port with rport, else at the port of sent-by.
  ///
  /// Deviation: `maddr` is obeyed only where the sender may choose (`trusted`). From a stranger it would let anybody send
  /// our answers to anybody. A name is not looked up, and a group is nobody's address.
  package func answering(_ topmostVia: Via?, trusted: Bool = false) -> Flow {
    guard !target.transport.isReliable, let via = topmostVia else { return self }
    let port = via.port ?? target.transport.defaultPort
    // Nobody listens on port 0.
    guard port > 0 else { return self }
    var flow = self
    if trusted, let address = via.parameters["maddr"].flatMap(Host.init), case .address(let address) = address,
      address.isSingleHost
    {
      flow.target.endpoint = Endpoint(address: address, port: port)
    } else if !via.responsePort.isPresent {
      flow.target.endpoint.port = port
    }
    return flow
  }
}

extension IPAddress {
  /// Neither nobody's address nor that of many (RFC 1122 §3.2.1.3, RFC 4291 §2.7).
  fileprivate var isSingleHost: Bool {
    switch self {
    case .v4(let value): (1 << 24..<224 << 24).contains(value)
    case .v6(let upper, let lower): !(upper == 0 && lower == 0) && upper >> 56 != 0xFF
    }
  }
}
