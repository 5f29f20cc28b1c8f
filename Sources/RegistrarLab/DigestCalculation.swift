import Crypto
import SIPMessage

/// The digest as the server calculates it (RFC 7616 §3.4), with qop=auth and the passwords it knows.
struct DigestCalculation: Sendable {
  /// H(user ":" realm ":" password) by MD5, which is the same for every request of a user.
  struct Secret: Sendable, Equatable {
    fileprivate var high: UInt64
    fileprivate var low: UInt64
  }

  /// H(A2): mostly that of the request before, since a registrar has one Request-URI.
  private struct Subject: Sendable {
    var hash: DigestAlgorithm.Hash
    var method: Method
    var uri: [UInt8]
    var digits: [UInt8]
  }

  private let shared: [UInt8]?
  private let accounts: [String: String]
  private var subject: Subject?

  init(_ passwords: DigestVerifier.Passwords) {
    switch passwords {
    case .shared(let password): (shared, accounts) = (Array(password.utf8), [:])
    case .accounts(let passwords): (shared, accounts) = (nil, passwords)
    }
  }

  /// Lower-case hexadecimal digits; nil: nobody of this name, or an algorithm that is not calculated here.
  mutating func response(to credentials: Credentials, _ method: Method, secret: inout Secret?) -> [UInt8]? {
    guard let password = password(of: credentials), !credentials.algorithm.isSession else { return nil }
    switch credentials.algorithm.hash {
    case .md5:
      let known = secret ?? Secret(credentials, password)
      secret = known
      var text = Self.text()
      text.append(hexadecimal: known.high, digits: 16)
      text.append(hexadecimal: known.low, digits: 16)
      return response(Insecure.MD5(), to: credentials, method, secret: text)
    case .sha256:
      var text = Self.text()
      text.append(hash: SHA256(), of: Self.identity(credentials, password))
      return response(SHA256(), to: credentials, method, secret: text)
    case .sha512_256: return nil
    }
  }

  private func password(of credentials: Credentials) -> [UInt8]? {
    shared ?? accounts[credentials.text.part(credentials.username).text].map { Array($0.utf8) }
  }

  /// - Parameter text: H(A1), with room for the rest.
  private mutating func response(
    _ hash: some HashFunction, to credentials: Credentials, _ method: Method, secret text: consuming [UInt8]
  ) -> [UInt8] {
    text.append(colon)
    text.append(credentials.text.span.extracting(credentials.nonce))
    text.append(colon)
    text.append(hexadecimal: UInt64(credentials.nonceCount ?? 0), digits: 8)
    text.append(colon)
    if let clientNonce = credentials.clientNonce { text.append(credentials.text.span.extracting(clientNonce)) }
    text.append(":auth:")
    text.append(bytes: subjectDigits(hash, credentials, method))
    var digits: [UInt8] = []
    digits.reserveCapacity(64)
    digits.append(hash: hash, of: text)
    return digits
  }

  private mutating func subjectDigits(
    _ hash: some HashFunction, _ credentials: Credentials, _ method: Method
  ) -> [UInt8] {
    let algorithm = credentials.algorithm.hash
    let uri = credentials.text.span.extracting(credentials.uri)
    if let subject, subject.hash == algorithm, subject.method == method, subject.uri.span.equals(uri) {
      return subject.digits
    }
    var text: [UInt8] = []
    text.append(text: method.text)
    text.append(colon)
    text.append(uri)
    var digits: [UInt8] = []
    digits.append(hash: hash, of: text)
    subject = Subject(
      hash: algorithm, method: method, uri: Array(credentials.text.part(credentials.uri)), digits: digits)
    return digits
  }

  /// A1.
  fileprivate static func identity(_ credentials: Credentials, _ password: [UInt8]) -> [UInt8] {
    var text = text()
    text.append(credentials.text.span.extracting(credentials.username))
    text.append(colon)
    text.append(credentials.text.span.extracting(credentials.realm))
    text.append(colon)
    text.append(bytes: password)
    return text
  }

  private static func text() -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(256)
    return text
  }
}

private let colon = UInt8(ascii: ":")

extension DigestCalculation.Secret {
  fileprivate init(_ credentials: Credentials, _ password: [UInt8]) {
    var hash = Insecure.MD5()
    DigestCalculation.identity(credentials, password).withUnsafeBytes { hash.update(bufferPointer: $0) }
    (high, low) = hash.finalize().withUnsafeBytes {
      ($0.loadUnaligned(as: UInt64.self).bigEndian, $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self).bigEndian)
    }
  }
}

extension [UInt8] {
  /// Two LHEX for each byte; the length of a hash is a multiple of eight.
  fileprivate mutating func append(hash: consuming some HashFunction, of text: [UInt8]) {
    text.withUnsafeBytes { hash.update(bufferPointer: $0) }
    hash.finalize().withUnsafeBytes { bytes in
      for offset in stride(from: 0, to: bytes.count, by: 8) {
        append(
          hexadecimal: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).bigEndian, digits: 16)
      }
    }
  }
}
