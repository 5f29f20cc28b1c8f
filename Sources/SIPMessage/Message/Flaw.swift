/// What can be wrong with a message, by the name under which it is counted and told to people.
///
/// Whether it matters is for the reader to say: an answer that is waited for is taken in spite of most of these, as a
/// server should ignore what it does not need (RFC 3261 §8.2.2), and one that can not be used is named by one of them.
package enum Flaw: UInt8, CaseIterable, Sendable {
  // On the way through the message, in the order in which they are met.
  case version, requestLine, bareLineFeed, headerField, tooManyFields, unendedHeader
  case missingContentLength, truncatedBody, contentLength
  // In what every message has.
  case missingField, doubledField, via, from, to, callID, cSeq
  // In what some messages need.
  case requestURI, contact, route
  // For these a message is dropped.
  case severalVias, foreignSentBy, foreignMethod, startLine, statusCode, tooLarge, tooLongToAnswer

  /// As it stands behind "400" in an answer, too.
  package var name: String {
    switch self {
    case .version: "Version Not Supported"
    case .requestLine: "Malformed Request-Line"
    case .bareLineFeed: "Line Feed Alone"
    case .headerField: "Malformed Header Field"
    case .tooManyFields: "Too Many Header Fields"
    case .unendedHeader: "Header Section Not Ended"
    case .missingContentLength: "Missing Content-Length"
    case .truncatedBody: "Content-Length Beyond Message"
    case .contentLength: "Bad Content-Length"
    case .missingField: "Missing Header Field"
    case .doubledField: "Doubled Header Field"
    case .via: "Malformed Via"
    case .from: "Malformed From"
    case .to: "Malformed To"
    case .callID: "Malformed Call-ID"
    case .cSeq: "Malformed CSeq"
    case .requestURI: "Malformed Request-URI"
    case .contact: "Malformed Contact"
    case .route: "Malformed Route"
    case .severalVias: "More Than One Via"
    case .foreignSentBy: "Via Of Somebody Else"
    case .foreignMethod: "CSeq Of Another Method"
    case .startLine: "Malformed Start Line"
    case .statusCode: "Bad Status Code"
    case .tooLarge: "Message Too Large"
    case .tooLongToAnswer: "Too Long To Be Answered"
    }
  }

  /// Why bytes are no message at all; nil: they do not even begin one.
  package init?(_ error: MessageError) {
    switch error {
    case .empty: return nil
    case .tooLarge: self = .tooLarge
    case .badStartLine: self = .startLine
    case .badStatusCode: self = .statusCode
    }
  }
}

/// Some of them, one bit each.
package struct Flaws: Sendable, Equatable {
  private var bits: UInt32 = 0

  package init() {}

  package var isEmpty: Bool { bits == 0 }
  /// The one that is met first.
  package var first: Flaw? { Flaw(rawValue: UInt8(truncatingIfNeeded: bits.trailingZeroBitCount)) }

  package func contains(_ flaw: Flaw) -> Bool { bits >> UInt32(flaw.rawValue) & 1 == 1 }
  package mutating func insert(_ flaw: Flaw) { bits |= 1 << UInt32(flaw.rawValue) }
}

/// How often each was met. Takes no memory until one is.
package struct FlawTally: Sendable, Equatable {
  private var numbers: [Int] = []

  package init() {}

  package private(set) subscript(flaw: Flaw) -> Int {
    get { numbers.isEmpty ? 0 : numbers[Int(flaw.rawValue)] }
    set {
      if numbers.isEmpty { numbers = [Int](repeating: 0, count: Flaw.allCases.count) }
      numbers[Int(flaw.rawValue)] = newValue
    }
  }

  package var total: Int { numbers.reduce(0, +) }

  package mutating func count(_ flaw: Flaw) { self[flaw] += 1 }

  package mutating func count(_ flaws: Flaws) {
    guard !flaws.isEmpty else { return }
    for flaw in Flaw.allCases where flaws.contains(flaw) { count(flaw) }
  }

  package mutating func add(_ other: FlawTally) {
    guard !other.numbers.isEmpty else { return }
    for flaw in Flaw.allCases { self[flaw] += other[flaw] }
  }
}
