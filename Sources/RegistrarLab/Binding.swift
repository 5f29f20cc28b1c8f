import SIPMessage

/// One contact of an address-of-record (RFC 3261 §10.3 step 7). A lab holds a million: all of its text is in one piece.
struct Binding: Sendable {
  /// The contact's URI, its parameters, its Call-ID, and the Path, whose values end with a line feed each.
  private let text: [UInt8]
  private let uriEnd: UInt32
  private let parametersEnd: UInt32
  private let callIDEnd: UInt32
  private(set) var cSeq: UInt32
  private(set) var expires: Instant

  /// What all bindings of one request have in common.
  struct Origin {
    let callID: Bytes
    /// The values of Path (RFC 3327 §5.3), as in `text`.
    let path: [UInt8]
    let cSeq: UInt32
  }

  /// - Parameter parameters: without expires, with their first semicolon
  init(uri: Bytes, parameters: [UInt8], _ origin: Origin, expires: Instant) {
    var text: [UInt8] = []
    text.reserveCapacity(uri.count + parameters.count + origin.callID.count + origin.path.count)
    text.append(bytes: uri)
    uriEnd = UInt32(text.count)
    text.append(bytes: parameters)
    parametersEnd = UInt32(text.count)
    text.append(bytes: origin.callID)
    callIDEnd = UInt32(text.count)
    text.append(bytes: origin.path)
    self.text = text
    cSeq = origin.cSeq
    self.expires = expires
  }

  var uri: Bytes { text[..<Int(uriEnd)] }
  var parameters: Bytes { text[Int(uriEnd)..<Int(parametersEnd)] }
  var callID: Bytes { text[Int(parametersEnd)..<Int(callIDEnd)] }
  var path: Bytes { text[Int(callIDEnd)...] }

  func isOf(_ callID: Bytes) -> Bool {
    text.span.extracting(Int(parametersEnd)..<Int(callIDEnd)).equals(callID.span)
  }

  /// The URI stays as it was first written.
  mutating func renew(parameters: [UInt8], _ origin: Origin, expires: Instant) {
    if isOf(origin.callID), self.parameters.span.equals(parameters.span), path.span.equals(origin.path.span) {
      (cSeq, self.expires) = (origin.cSeq, expires)
    } else {
      self = Binding(uri: uri, parameters: parameters, origin, expires: expires)
    }
  }

  func append(contactAt now: Instant, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "<"))
    text.append(bytes: uri)
    text.append(UInt8(ascii: ">"))
    text.append(bytes: parameters)
    text.append(";expires=")
    text.append(decimal: expires.roundedSeconds(after: now))
  }
}

extension Bytes {
  /// Whether both URIs are the same contact by the comparison of §19.1.4.
  func isSameContact(as other: Bytes) -> Bool {
    if span.equals(other.span) { return true }
    guard let left = try? URI(parsing: self), let right = try? URI(parsing: other) else { return false }
    return left.isEquivalent(to: right)
  }
}

extension Instant {
  /// Half a second and more counts as one, so that an answer at once says what was granted; 0 for what is past.
  func roundedSeconds(after now: Instant) -> UInt64 {
    self > now ? (nanoseconds - now.nanoseconds + 500_000_000) / 1_000_000_000 : 0
  }
}

/// The bindings of one address-of-record, in the order they were made: nearly always one, which takes no memory of its
/// own.
struct Bindings: RandomAccessCollection, MutableCollection, Sendable {
  private var earliest: Binding?
  private var others: [Binding] = []

  var startIndex: Int { 0 }
  var endIndex: Int { earliest == nil ? 0 : 1 + others.count }

  subscript(position: Int) -> Binding {
    get {
      guard position == 0 else { return others[position - 1] }
      guard let earliest else { preconditionFailure("no binding") }
      return earliest
    }
    _modify { if position == 0 { yield &earliest! } else { yield &others[position - 1] } }
  }

  func index(of contact: Bytes) -> Int? { firstIndex { $0.uri.isSameContact(as: contact) } }

  mutating func append(_ binding: Binding) {
    if earliest == nil { earliest = binding } else { others.append(binding) }
  }

  mutating func remove(_ positions: Set<Int>) {
    let rest = indices.filter { !positions.contains($0) }.map { self[$0] }
    earliest = rest.first
    others = Array(rest.dropFirst())
  }
}

/// A binding as the lab shows it.
package struct BindingDescription: Sendable, Equatable {
  package var addressOfRecord: String
  package var contact: String
  package var path: [String]
  package var callID: String
  package var cSeq: UInt32
  package var expiresIn: Duration
}
