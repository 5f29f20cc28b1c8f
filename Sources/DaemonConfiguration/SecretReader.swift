import SIPMessage
import SIPUserAgent
import Systemd

/// Where a table stands: what an error names, what relative paths begin at, and who can read it.
struct ConfigurationSource {
  let name: String
  /// Of the file; relative paths in it begin here.
  let directory: String
  /// nil when it did not come from a file.
  let mode: UInt32?
  /// Whom the file lets change it who should not.
  var door: OpenDoor?

  func path(_ path: String) -> String {
    path.hasPrefix("/") || directory.isEmpty ? path : "\(directory)/\(path)"
  }
}

/// Reads passwords and hashes from wherever they are kept. No message of it ever holds one.
struct SecretReader {
  /// Bytes of a password: longer than any, shorter than a file named by mistake.
  static let longest = 1_024
  /// Of one account: a realm each for the registrar and every proxy of a chain, and some to spare.
  private static let mostCredentials = 32

  /// Of the service manager, `$CREDENTIALS_DIRECTORY`; nil outside of a service.
  let credentialsDirectory: String?
  /// A file with a million passwords is told once that others can read it.
  private var openFiles: Set<String> = []
  private var realms = SharedValues<[UInt8]>()

  init(credentialsDirectory: String?) { self.credentialsDirectory = credentialsDirectory }

  mutating func credential(_ username: String, _ realm: String?, _ secret: Credential.Secret) -> Credential {
    var credential = Credential(username: username, realm: realm, secret: secret)
    credential.realm = credential.realm.map { realms.shared($0) }
    return credential
  }

  mutating func credentials(
    _ section: Section<AccountKey>, _ source: ConfigurationSource
  ) -> [AccountDraft.CredentialDraft] {
    guard let value = section[.credentials] else { return [] }
    let expected = "an array of tables { username, realm, password }"
    guard case .array(let elements) = value.content else {
      section.report(.credentials, mustBe: expected, not: value)
      return []
    }
    if elements.count > Self.mostCredentials {
      section.report("credentials must be \(Self.mostCredentials) at most, not \(elements.count)", line: value.line)
      return []
    }
    var drafts: [AccountDraft.CredentialDraft] = []
    for element in elements {
      guard case .table(let table) = element.content else {
        section.report(.credentials, mustBe: expected, not: element)
        continue
      }
      let inner = Section<CredentialKey>(
        table, file: section.file, place: "\(section.place), credentials", list: section.list)
      let secrets = secrets(inner, source)
      if secrets.isEmpty, !SecretKey.allCases.contains(where: { table.entry($0.rawValue) != nil }) {
        inner.report("password is missing (or password_file, credential, ha1)")
      }
      drafts.append(
        AccountDraft.CredentialDraft(
          username: inner.string(.username), realm: inner.string(.realm), secrets: secrets, line: element.line))
    }
    return drafts
  }

  /// The secrets of a table: one password, or one hash for each algorithm.
  mutating func secrets<Key: SecretHoldingKey>(
    _ section: Section<Key>, _ source: ConfigurationSource
  ) -> [Credential.Secret] {
    var found: [SecretKey] = []
    var secrets: [Credential.Secret] = []
    for (kind, key) in Key.secretKeys where section.keys.contains(key) {
      guard let line = section[key]?.line else { continue }
      if let other = found.first, !(other.isHash && kind.isHash) {
        section.report("\(other.rawValue) and \(kind.rawValue) exclude each other", line: line)
        continue
      }
      found.append(kind)
      guard let text = section.string(key) else { continue }
      if let secret = secret(kind, key, text, line: line, section, source) { secrets.append(secret) }
    }
    return secrets
  }

  private mutating func secret<Key>(
    _ kind: SecretKey, _ key: Key, _ text: String, line: Int, _ section: Section<Key>, _ source: ConfigurationSource
  ) -> Credential.Secret? {
    switch kind {
    case .password:
      checkMode(of: source, line: line, section)
      if text.utf8.count > Self.longest {
        section.report("password must be \(Self.longest) bytes long at most", line: line)
        return nil
      }
      return .password(Array(text.utf8))
    case .passwordFile: return password(inFile: source.path(text), key, line: line, section)
    case .credential: return password(inCredential: text, key, line: line, section)
    case .ha1: return hash(text, .md5, digits: 32, key, line: line, section, source)
    case .ha1SHA256: return hash(text, .sha256, digits: 64, key, line: line, section, source)
    case .ha1SHA512_256: return hash(text, .sha512_256, digits: 64, key, line: line, section, source)
    }
  }

  private mutating func hash<Key>(
    _ text: String, _ hash: DigestAlgorithm.Hash, digits: Int, _ key: Key, line: Int, _ section: Section<Key>,
    _ source: ConfigurationSource
  ) -> Credential.Secret? {
    checkMode(of: source, line: line, section)
    guard text.utf8.count == digits, text.utf8.allSatisfy(\.isHexDigit) else {
      let hint = hash == .md5 && text.utf8.count == 64 ? "; for 64 there are ha1_sha256 and ha1_sha512_256" : ""
      section.report("\(key.rawValue) must be \(digits) hexadecimal digits\(hint)", line: line)
      return nil
    }
    return .hashed(hash, text.utf8.map(\.lowercasedASCII))
  }

  // MARK: - Files

  private func password<Key>(
    inFile path: String, _ key: Key, line: Int, _ section: Section<Key>
  ) -> Credential.Secret? {
    do {
      let file = try SourceFile.open(path)
      if file.isOpenToOthers {
        section.report("\(key.rawValue): \(Self.openToOthers(path, mode: file.mode))", line: line)
        return nil
      }
      if let door = OpenDoor(path, file) {
        section.report("\(key.rawValue): \(door)", line: line)
        return nil
      }
      // A file that is far too long need not be read to its end.
      let tooLong = [UInt8](repeating: 0x20, count: Self.longest + 1)
      let bytes = try file.readAll(limit: 65_536) ?? tooLong
      return password(bytes, from: "\(key.rawValue) \(printable(path))", line: line, section)
    } catch {
      section.report("\(key.rawValue): cannot read \(printable(path)): \(error.reason)", line: line)
      return nil
    }
  }

  private func password<Key>(
    inCredential name: String, _ key: Key, line: Int, _ section: Section<Key>
  ) -> Credential.Secret? {
    guard let credentialsDirectory else {
      section.report(Self.noCredentials(key.rawValue, printable(name, limit: 60)), line: line)
      return nil
    }
    do {
      let bytes = try Credentials(directory: credentialsDirectory).read(name)
      return password(bytes, from: "\(key.rawValue) \"\(printable(name, limit: 60))\"", line: line, section)
    } catch {
      section.report("\(key.rawValue) \"\(printable(name, limit: 60))\" \(error.words)", line: line)
      return nil
    }
  }

  /// One line. The line feed that every editor adds does not belong to it, nor the mark that some put in front; blanks do,
  /// wherever they stand. A line feed alone is the empty password, which some registrars want; a file without a byte is
  /// more likely one that was never written.
  private func password<Key>(
    _ bytes: [UInt8], from origin: String, line: Int, _ section: Section<Key>
  ) -> Credential.Secret? {
    if TextEncoding.isUTF16(bytes[...]) {
      section.report("\(origin) \(TextEncoding.isUTF16)", line: line)
      return nil
    }
    if bytes.isEmpty {
      section.report("\(origin) is empty; an empty password is a line feed alone", line: line)
      return nil
    }
    var bytes = TextEncoding.withoutMark(bytes[...])
    while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
    guard bytes.count <= Self.longest, bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      section.report(
        "\(origin) must hold one password on one line, \(Self.longest) bytes at most without control characters",
        line: line)
      return nil
    }
    return .password(Array(bytes))
  }

  private mutating func checkMode<Key>(of source: ConfigurationSource, line: Int, _ section: Section<Key>) {
    guard let mode = source.mode, mode & SourceFile.openToOthers != 0, openFiles.insert(source.name).inserted else {
      return
    }
    section.report(Self.openToOthers(source.name, mode: mode), line: line)
  }

  static func noCredentials(_ key: String, _ name: String) -> String {
    "\(key): no credentials were handed over ($CREDENTIALS_DIRECTORY); is there a LoadCredential=\(name):… in the unit?"
  }

  static func openToOthers(_ path: String, mode: UInt32) -> String {
    "\(printable(path)) holds a secret and is open to every user (mode \(OpenDoor.octal(mode))); run: "
      + "chmod 640 \(shellWord(path))"
  }
}

extension Credential.Secret {
  var isHashed: Bool {
    switch self {
    case .password: false
    case .hashed: true
    }
  }
}

extension CredentialError {
  var words: String {
    switch self {
    case .name: "is not the name of a credential"
    case .notAFile: "is not a file"
    case .tooLong: "is too long"
    case .system(let code): "cannot be read: \(SourceFile.Failure(code: code).reason)"
    }
  }
}
