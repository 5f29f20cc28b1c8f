import DaemonConfiguration
import SIPTransport

extension Configuration {
  /// What is wrong with the files that it names for TLS, in words; nil: a start would take them.
  package var troubleWithCertificates: String? { ProfileError.found(in: profiles).map { "\($0)" } }
}
