import SIPMessage

extension ProfileError {
  /// What `TransportLayer.use` would find wrong with the files of these profiles; nil: nothing. Blocks while it reads.
  package static func found(in profiles: [ConnectionProfile]) -> ProfileError? {
    do throws(ProfileError) {
      try TLSContexts(keyLogFile: nil).use(profiles)
      return nil
    } catch {
      return error
    }
  }
}
