import SIPMessage

/// What tells whether a request belongs to a server transaction (RFC 3261 §17.2.3): branch, sent-by and method. A
/// branch without the magic cookie is nobody's own; then Call-ID, From, the number of CSeq and the whole topmost Via
/// stand in its place.
struct ServerKey: Hashable, Sendable {
  /// What is longer is not kept: servers are as large as strangers make them.
  static let longest = 1_024

  private let identity: [UInt8]
  private let sentBy: Host
  private let port: UInt16
  private let method: Method

  /// - Parameter method: that of the request, or INVITE when its ACK or CANCEL looks for it
  /// - Returns: nil when the request can not be told from others.
  init?(_ request: Message, as method: Method) {
    guard let via = request.toleratedVia, let transport = via.transport else { return nil }
    if let branch = via.branch, Self.isUnique(branch) {
      identity = Array(branch)
    } else {
      guard let callID = request.callID, let from = request.first(.from), let cSeq = request.first(.cSeq) else {
        return nil
      }
      identity = Array([callID, from, cSeq.prefix { (0x30...0x39).contains($0) }, via.text].joined(separator: [0]))
    }
    guard identity.count <= Self.longest else { return nil }
    sentBy = via.host
    port = via.port ?? transport.defaultPort
    self.method = method
  }

  private static func isUnique(_ branch: Bytes) -> Bool {
    let beginning = branch.prefix(7)
    return beginning.span.equals(Via.magicCookie)
  }
}
