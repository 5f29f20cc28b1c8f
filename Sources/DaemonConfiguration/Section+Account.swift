import SIPMessage

/// The values that only accounts have.
extension Section {
  /// A name stands in tables, patterns and journal fields: not empty, not endless.
  func name(_ key: Key) -> String? {
    guard let text = string(key) else { return nil }
    if (1...255).contains(text.utf8.count) { return text }
    report("\(key.rawValue) must be 1 to 255 bytes long", line: self[key]?.line)
    return nil
  }

  func host(_ key: Key) -> Host? {
    let expected = "a host name or an address"
    guard let text = string(key, mustBe: expected) else { return nil }
    if let host = Host(text) ?? IPAddress(text).map(Host.address) { return host }
    report("\(key.rawValue) must be \(expected), not \"\(printable(text))\"", line: self[key]?.line)
    return nil
  }

  /// `;name=value;name`, the first semicolon added when it is missing.
  func uriParameters(_ key: Key) -> String? {
    guard var text = string(key) else { return nil }
    if !text.isEmpty, !text.hasPrefix(";") { text = ";" + text }
    if let uri = try? URI("sip:x\(text)"), uri.headers == nil, uri.parameters.text.text == text { return text }
    report(
      "\(key.rawValue) must be URI parameters such as \";transport=tcp\", not \"\(printable(text))\"",
      line: self[key]?.line)
    return nil
  }
}
