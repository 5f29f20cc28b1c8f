import Glibc
import RegistrationControl

/// Standard output and standard error, unbuffered. When the reader has gone (`sipregctl list | head`) the program ends
/// without a word, whether the signal or only the error reaches it.
enum Output {
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// The columns of the terminal; nil where there is none, so that a script gets one line for one thing.
  static var width: Int? {
    var size = winsize()
    guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  static func text(_ text: String) { write(Array(text.utf8), to: STDOUT_FILENO) }

  static func error(_ text: String) { write(Array(text.utf8), to: STDERR_FILENO) }

  static func json(_ value: some Encodable) {
    write(VarlinkMessage.json(value) + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
  }

  /// One value a line, written together.
  static func jsonLines(_ values: some Sequence<some JSONWritable>) {
    var json = JSONWriter()
    json.lines(values)
    write(json.bytes, to: STDOUT_FILENO)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        exit(errno == EPIPE ? ExitStatus.done.rawValue : ExitStatus.refused.rawValue)
      }
    }
  }
}
