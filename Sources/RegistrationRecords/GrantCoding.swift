import SIPMessage
import SIPUserAgent

/// What was granted beside a binding, behind its Service-Route and in the same column. No URI holds a tab, and nothing
/// that is fit to be shown does.
///
/// ```abnf
/// service-route = [uri *(SP uri)] *(HTAB granted)
/// granted       = ("pub-gruu" / "temp-gruu" / "path" / "uri") SP value
/// ```
enum GrantCoding {
  static func append(_ granted: Granted, to bytes: inout [UInt8]) {
    granted.forEach { kind, value in
      bytes.append(UInt8(ascii: "\t"))
      bytes.append(contentsOf: kind.rawValue.utf8)
      bytes.append(UInt8(ascii: " "))
      bytes.append(contentsOf: value.utf8)
    }
  }

  /// What is not as `append` writes it is left out.
  static func decode(_ fields: ArraySlice<Substring>) -> Granted? {
    var granted = Granted()
    for field in fields {
      let parts = field.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let kind = Granted.Kind(rawValue: String(parts[0])) else { continue }
      granted.add(kind, String(parts[1]))
    }
    return granted == Granted() ? nil : granted
  }
}
