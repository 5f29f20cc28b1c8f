import CSystemd
import Glibc

/// The machine id (machine-id(5)), as an application may show it: hashed with an identifier of its own.
package enum MachineID {
  /// - Returns: nil where the host has none.
  package static func ofApplication(upper: UInt64, lower: UInt64) -> (upper: UInt64, lower: UInt64)? {
    var application = sd_id128_t()
    withUnsafeMutableBytes(of: &application) { bytes in
      bytes.storeBytes(of: upper.bigEndian, as: UInt64.self)
      bytes.storeBytes(of: lower.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    var id = sd_id128_t()
    guard sd_id128_get_machine_app_specific(application, &id) >= 0 else { return nil }
    return withUnsafeBytes(of: &id) { bytes in
      (
        UInt64(bigEndian: bytes.load(as: UInt64.self)),
        UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  package static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
