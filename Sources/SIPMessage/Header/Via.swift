/// One value of a Via header field (RFC 3261 §20.42, §25.1).
///
///     via-parm = sent-protocol LWS sent-by *( SEMI via-params )
///     sent-protocol = protocol-name SLASH protocol-version SLASH transport
///     sent-by = host [ COLON port ]
package struct Via: Hashable, Sendable {
  /// The value as written.
  package let text: Bytes
  /// SIP/2.0 and nothing else.
  package let isVersion2: Bool
  package let host: Host
  package let port: UInt16?
  /// 0-based in `text`.
  private let transportRange: Range<Int>
  private let parameterOffset: Int

  package init(parsing value: Bytes) throws(SyntaxError) { try self.init(value, isStrict: true) }

  /// Reads up to sent-by, as every Via has to be, and takes what stands behind it as it is: the parameters are for whoever
  /// put them there.
  package init(tolerating value: Bytes) throws(SyntaxError) { try self.init(value, isStrict: false) }

  private init(_ value: Bytes, isStrict: Bool) throws(SyntaxError) {
    let value = value.trimmed
    let bytes = value.span
    let name = try Self.token(bytes, from: 0)
    let version = try Self.token(bytes, from: Self.slash(bytes, from: name.upperBound))
    let transport = try Self.token(bytes, from: Self.slash(bytes, from: version.upperBound))
    guard transport.upperBound < bytes.count, bytes[transport.upperBound].isWhiteSpace else {
      throw SyntaxError("Via", at: transport.upperBound)
    }
    let start = bytes.skippingSpace(from: transport.upperBound)
    var end = start
    if bytes.contains(UInt8(ascii: "["), at: start) {
      end = bytes.first(UInt8(ascii: "]"), in: start..<bytes.count).map { $0 + 1 } ?? bytes.count
    } else {
      end = bytes.token(from: start)
    }
    guard let host = Host(bytes.extracting(start..<end)) else { throw SyntaxError("Via", at: start) }
    var index = bytes.skippingSpace(from: end)
    if bytes.contains(UInt8(ascii: ":"), at: index) {
      let digits = bytes.skippingSpace(from: index + 1)
      index = digits
      while index < bytes.count, bytes[index].isDigit { index += 1 }
      guard let port: UInt16 = bytes.extracting(digits..<index).decimal() else { throw SyntaxError("Via", at: digits) }
      self.port = port
      index = bytes.skippingSpace(from: index)
    } else {
      port = nil
    }
    if isStrict {
      try Parameters.check(bytes, from: index, element: "Via")
    } else {
      index = bytes.first(UInt8(ascii: ";"), in: index..<bytes.count) ?? bytes.count
    }
    text = value
    isVersion2 = bytes.extracting(name).equalsIgnoringCase("SIP") && bytes.extracting(version).equals("2.0")
    transportRange = transport
    self.host = host
    parameterOffset = index
  }

  private static func token(_ bytes: Span<UInt8>, from start: Int) throws(SyntaxError) -> Range<Int> {
    let start = bytes.skippingSpace(from: start)
    let end = bytes.token(from: start)
    guard end > start else { throw SyntaxError("Via", at: start) }
    return start..<end
  }

  private static func slash(_ bytes: Span<UInt8>, from start: Int) throws(SyntaxError) -> Int {
    let index = bytes.skippingSpace(from: start)
    guard bytes.contains(UInt8(ascii: "/"), at: index) else { throw SyntaxError("Via", at: index) }
    return index + 1
  }
}

extension Via {
  /// What every branch begins with that RFC 3261 §8.1.1.7 made.
  package static let magicCookie: StaticString = "z9hG4bK"

  package var transportToken: Bytes { text.part(transportRange) }
  package var parameters: Parameters { Parameters(text: text.part(parameterOffset..<text.count)) }

  package var transport: TransportProtocol? { TransportProtocol(transportToken) }
  package var branch: Bytes? { parameters["branch"] }

  /// The received parameter; an IPv6 address may stand in brackets or not (RFC 5118 §4.5). What servers with one socket
  /// for both families write of an IPv4 address is that address.
  package var received: IPAddress? {
    parameters["received"].flatMap { IPAddress($0) ?? IPAddress($0.dropFirst().dropLast()) }?.unmapped
  }

  /// The rport parameter: present, and its port where it has one (RFC 3581 §4).
  package var responsePort: (isPresent: Bool, port: UInt16?) {
    let value = parameters["rport"]
    return (value != nil, value?.decimal())
  }

  /// The value as a server notes it where the request came from: received when sent-by is another address or a name
  /// (RFC 3261 §18.2.1), and always, with rport filled in, when the client asked by rport (RFC 3581 §4).
  package func noting(source: Endpoint) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count + 48)
    append(noting: source, to: &bytes)
    return bytes
  }

  /// Writes the value as a server notes it behind what is there.
  func append(noting source: Endpoint, to bytes: inout [UInt8]) {
    let asked = responsePort.isPresent
    guard asked || host != .address(source.address) else { return bytes.append(bytes: text) }
    bytes.append(bytes: text.part(0..<parameterOffset).trimmed)
    parameters.forEach { name, value in
      if name.equalsIgnoringCase("received") || name.equalsIgnoringCase("rport") { return true }
      bytes.append(UInt8(ascii: ";"))
      bytes.append(bytes: name)
      if let value {
        bytes.append(UInt8(ascii: "="))
        bytes.append(bytes: value)
      }
      return true
    }
    bytes.append(";received=")
    if source.address.isV6 {
      bytes.append(text: source.address.description)
    } else {
      bytes.append(hostOf: source.address)
    }
    guard asked else { return }
    bytes.append(";rport=")
    bytes.append(decimal: UInt64(source.port))
  }
}
