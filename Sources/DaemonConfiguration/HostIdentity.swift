import SIPUserAgent
import Systemd

/// What tells this host from others.
enum HostIdentity {
  /// Stays over restarts and upgrades of the program: made from the machine id, which itself must not be shown
  /// (machine-id(5)). A host without one is known by its name.
  static let identifier: UUID = {
    let space = UUID(upper: 0x5C8B_2B0E_9D1F_4E0B, lower: 0x9E64_77C5_0D9A_31A6)
    if let id = MachineID.ofApplication(upper: space.upper, lower: space.lower) {
      return UUID(upper: id.upper, lower: id.lower)
    }
    return UUID(name: MachineID.hostName.utf8, in: space)
  }()
}
