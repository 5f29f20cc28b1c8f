import Glibc
import NIOCore
import Synchronization

/// The secrets of TLS connections in a file, in the form that Wireshark reads (SSLKEYLOGFILE): for who has to look into what
/// was captured. Whoever has the file reads all that was said; it is for its owner only.
final class KeyLog: Sendable {
  private let path: String
  private let descriptor = Mutex<CInt>(-1)

  init(path: String) { self.path = path }

  deinit {
    let descriptor = descriptor.withLock { $0 }
    if descriptor >= 0 { close(descriptor) }
  }

  /// Opens it, or makes it; again, if somebody has moved it away.
  func open() throws(ProfileError) {
    let opened = Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else {
      throw ProfileError(path: path, problem: "can not be written (\(String(cString: strerror(errno))))")
    }
    let former = descriptor.withLock { descriptor in
      defer { descriptor = opened }
      return descriptor
    }
    if former >= 0 { close(former) }
  }

  /// One line at a time, so that several may write.
  func append(_ line: ByteBuffer) {
    descriptor.withLock { descriptor in
      guard descriptor >= 0 else { return }
      line.withUnsafeReadableBytes { bytes in _ = write(descriptor, bytes.baseAddress, bytes.count) }
    }
  }
}
