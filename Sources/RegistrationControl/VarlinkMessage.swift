import FoundationEssentials

/// One Varlink message as JSON, in both directions. The envelope is read first and the parameters when their type is
/// known, each from the same bytes.
package struct VarlinkMessage: Sendable {
  /// Nothing in the interface nests deeper than 6. JSON nested by the thousand is refused before a decoder recurses.
  package static let maximumDepth = 16

  private let bytes: [UInt8]

  package init(frame: [UInt8]) throws(VarlinkDefect) {
    guard Self.isShallow(frame) else { throw .tooDeep(limit: Self.maximumDepth) }
    bytes = frame
  }

  /// The members of the envelope, of a call or of a reply.
  package func envelope<Envelope: Decodable>(_ type: Envelope.Type) throws(VarlinkDefect) -> Envelope {
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch { throw .notAMessage }
  }

  /// The member `parameters`; when it is absent, what `{}` gives.
  package func parameters<Parameters: Decodable>(_ type: Parameters.Type) throws(ControlError) -> Parameters {
    do {
      if let found = try JSONDecoder().decode(Body<Parameters>.self, from: Data(bytes)).parameters { return found }
      return try JSONDecoder().decode(type, from: Data("{}".utf8))
    } catch let error as DecodingError {
      throw .invalidParameter(Self.name(of: error))
    } catch {
      throw .invalidParameter("parameters")
    }
  }

  /// JSON in one line with the members sorted, so that equal values are equal bytes, and the NUL.
  package static func frame(_ value: some Encodable) -> [UInt8] {
    var bytes = json(value)
    bytes.append(0)
    return bytes
  }

  package static func json(_ value: some Encodable, pretty: Bool = false) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do {
      return Array(try encoder.encode(value))
    } catch {
      // Strings, integers, finite numbers and arrays of them always have a JSON form.
      preconditionFailure("no JSON for \(type(of: value)): \(error)")
    }
  }

  private struct Body<Parameters: Decodable>: Decodable {
    var parameters: Parameters?
  }

  private static func name(of error: DecodingError) -> String {
    let path: [any CodingKey]
    switch error {
    case .keyNotFound(let key, let context): path = context.codingPath + [key]
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      path = context.codingPath
    @unknown default: path = []
    }
    let names = path.filter { $0.intValue == nil }.map(\.stringValue).filter { $0 != "parameters" }
    return names.isEmpty ? "parameters" : names.joined(separator: ".")
  }

  /// Counts brackets outside strings.
  private static func isShallow(_ bytes: [UInt8]) -> Bool {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in bytes {
      switch byte {
      case _ where isEscaped: isEscaped = false
      case UInt8(ascii: "\\") where isInString: isEscaped = true
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "{") where !isInString, UInt8(ascii: "[") where !isInString:
        depth += 1
        if depth > maximumDepth { return false }
      case UInt8(ascii: "}") where !isInString, UInt8(ascii: "]") where !isInString:
        depth -= 1
      default: break
      }
    }
    return true
  }
}
