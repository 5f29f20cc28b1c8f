import Glibc
import SIPMessage
import SIPUserAgent

/// A line of a file of accounts that was read, as the pattern of those behind it: most differ from it in a name, an
/// address of record, a user name and a password, and in nothing else. Such a line is not taken apart: what is spelled
/// the same means the same. Every other line is for the `JSONReader` and the `AccountReader`.
final class AccountPattern: Sendable {
  /// What may differ.
  private enum Variable {
    case name, aor, username, password

    init?(key: Span<UInt8>) {
      if key.equals("name") {
        self = .name
      } else if key.equals("aor") {
        self = .aor
      } else if key.equals("username") {
        self = .username
      } else if key.equals("password") {
        self = .password
      } else {
        return nil
      }
    }
  }

  private let line: [UInt8]
  /// What differs, in the order of the line: where its text stands, without the quotes.
  private let variables: [(variable: Variable, range: Range<Int>)]
  /// What the line came to.
  private let account: Account
  let isEnabled: Bool
  /// Where the line names no user, that of the address of record is meant.
  private let hasDefaultUsername: Bool
  /// From the "@" of the address of record on.
  private let domain: Bytes

  /// - Parameters:
  ///   - line: what `account` was read from, without an error.
  ///   - defaults: what holds for all accounts.
  /// - Returns: nil when other lines can not be read after it.
  init?(_ line: ArraySlice<UInt8>, _ account: Account, isEnabled: Bool, defaults: AccountDraft) {
    // Credentials of a list may be another user's.
    if case .credentials? = defaults.proof { return nil }
    let text = account.addressOfRecord.text
    // With sips: more than the address of record is another.
    guard account.addressOfRecord.scheme == .sip, let at = text.firstIndex(of: UInt8(ascii: "@")) else { return nil }
    let line = Array(line)
    self.line = line
    self.account = account
    self.isEnabled = isEnabled
    hasDefaultUsername = defaults.username != nil
    domain = text[at...]
    guard let variables = Self.variables(of: line.span), let aor = variables.first(where: { $0.variable == .aor }),
      line[aor.range].elementsEqual(text)
    else { return nil }
    self.variables = variables
    let hasPassword = variables.contains { $0.variable == .password }
    if hasPassword, account.credentials.count != 1 || account.credentials[0].hash != nil { return nil }
  }

  /// - Returns: nil when the line holds what has more than one spelling, or credentials of others.
  private static func variables(of line: Span<UInt8>) -> [(variable: Variable, range: Range<Int>)]? {
    var found: [(Variable, Range<Int>)] = []
    var (depth, position) = (0, 0)
    /// Of the member whose value comes next.
    var key: Range<Int>?
    while position < line.count {
      switch line[position] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "\\"): return nil
      case UInt8(ascii: ","): key = nil
      case UInt8(ascii: "\""):
        let start = position + 1
        position = start
        while position < line.count, line[position] != UInt8(ascii: "\"") {
          if line[position] == UInt8(ascii: "\\") { return nil }
          position += 1
        }
        guard depth == 1 else { break }
        if let key {
          if let variable = Variable(key: line.extracting(key)) { found.append((variable, start..<position)) }
        } else {
          key = start..<position
          if line.extracting(start..<position).equals("credentials") { return nil }
        }
      default: break
      }
      position += 1
    }
    return found
  }

  // MARK: - Lines like it

  /// The account of a line that differs from the pattern in nothing but what may differ; nil for any other line, and
  /// where something may be wrong with it.
  func account(of other: Span<UInt8>) -> Account? {
    var (name, aor, username, password): (Range<Int>?, Range<Int>?, Range<Int>?, Range<Int>?)
    var (own, position) = (0, 0)
    // The end first: it tells most kinds of lines apart.
    let tail = line.count - (variables.last?.range.upperBound ?? 0)
    guard other.count >= tail, equals(line.count - tail..<line.count, other, at: other.count - tail) else { return nil }
    for (variable, range) in variables {
      guard equals(own..<range.lowerBound, other, at: position) else { return nil }
      let start = position + range.lowerBound - own
      guard let end = other.endOfPlainText(from: start) else { return nil }
      switch variable {
      case .name: name = start..<end
      case .aor: aor = start..<end
      case .username: username = start..<end
      case .password: password = start..<end
      }
      (own, position) = (range.upperBound, end)
    }
    guard other.count - position == tail, let aor,
      let addressOfRecord = addressOfRecord(other.extracting(aor))
    else { return nil }
    if username == nil, !hasDefaultUsername {
      let user = aor.lowerBound + 4..<aor.upperBound - domain.count
      guard other.first(UInt8(ascii: "%"), in: user) == nil else { return nil }
      username = user
    }
    if let name, !(1...255).contains(name.count) { return nil }
    if let password, password.count > SecretReader.longest { return nil }
    if max(aor.count, username?.count ?? 0) > longestText { return nil }
    // Without a name of its own it is called as its address of record is, without the scheme.
    let words = other.extracting(name ?? aor.lowerBound + 4..<aor.upperBound)
    return Account(
      like: account, name: words.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) },
      addressOfRecord: addressOfRecord, username: username, password: password, of: other)
  }

  private func equals(_ range: Range<Int>, _ other: Span<UInt8>, at start: Int) -> Bool {
    guard range.count <= other.count - start else { return false }
    return line.withUnsafeBufferPointer { own in
      other.withUnsafeBufferPointer { other in
        guard let own = own.baseAddress, let other = other.baseAddress else { return range.isEmpty }
        return memcmp(own + range.lowerBound, other + start, range.count) == 0
      }
    }
  }

  /// `sip:USER` and the same domain, which has been looked at; a colon in the user part is for others to look at.
  private func addressOfRecord(_ text: Span<UInt8>) -> URI? {
    let domain = domain
    guard let at = text.first(UInt8(ascii: "@"), in: 0..<text.count), at > 4,
      text.extracting(0..<4).equals("sip:"), text.first(UInt8(ascii: ":"), in: 4..<at) == nil,
      text.extracting(at...).equals(domain.span)
    else { return nil }
    return try? URI(parsing: text)
  }
}

/// A few patterns, of a file in which several kinds of lines alternate.
struct AccountPatterns {
  /// More kinds than this take turns.
  private static let limit = 8
  private var patterns: [AccountPattern] = []
  /// Where no two lines fit together, looking for patterns would be for nothing. Once so many lines in a row fitted none,
  /// only every so many is learned from, and only the newest pattern is tried.
  private static let patience = 64
  /// Lines in a row that did not fit.
  private var unfit = 0
  /// Which fitted or was learned last.
  private var latest = 0
  /// Which goes next.
  private var next = 0

  mutating func account(of line: Span<UInt8>) -> (account: Account, isEnabled: Bool)? {
    for offset in 0..<min(patterns.count, unfit < Self.patience ? Self.limit : 1) {
      let index = (latest + offset) % patterns.count
      guard let account = patterns[index].account(of: line) else { continue }
      latest = index
      unfit = 0
      return (account, patterns[index].isEnabled)
    }
    unfit += 1
    return nil
  }

  /// The line did not fit any of them.
  mutating func learn(_ line: ArraySlice<UInt8>, _ account: Account, isEnabled: Bool, defaults: AccountDraft) {
    guard unfit < Self.patience || unfit % Self.patience == 0,
      let pattern = AccountPattern(line, account, isEnabled: isEnabled, defaults: defaults)
    else { return }
    if patterns.count < Self.limit {
      latest = patterns.count
      patterns.append(pattern)
    } else {
      latest = next
      patterns[next] = pattern
      next = (next + 1) % Self.limit
    }
  }
}

extension Span<UInt8> {
  /// Where the quote stands that ends a text of printable ASCII; nil when there is anything else in it.
  fileprivate func endOfPlainText(from start: Int) -> Int? {
    var index = start
    while index < count {
      switch self[index] {
      case UInt8(ascii: "\""): return index
      case UInt8(ascii: "\\"): return nil
      case 0x20..<0x7F: index += 1
      default: return nil
      }
    }
    return nil
  }
}
