import SIPLocation

/// What a lookup ended with, and how long that holds by the word of the DNS.
package struct Finding: Sendable {
  package var result: Result<Resolution.Records, ResolutionFailure>
  /// nil: the DNS did not say.
  package var timeToLive: Duration?

  package init(_ result: Result<Resolution.Records, ResolutionFailure>, timeToLive: Duration?) {
    self.result = result
    self.timeToLive = timeToLive
  }
}
