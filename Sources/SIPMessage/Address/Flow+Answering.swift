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
      address.isOneHost
    {
      flow.target.endpoint = Endpoint(address: address, port: port)
    } else if !via.responsePort.isPresent {
      flow.target.endpoint.port = port
    }
    return flow
  }
}
