/// What an answer repeats of its request (RFC 3261 §8.2.6.2), in the order in which a request of ours has it; anything may
/// stand between two of them. Whoever writes a request that is to be known again by its bytes goes through them, and
/// `Message.repeats` looks for one behind the other.
package enum RepeatedField: CaseIterable, Sendable {
  /// Right behind the Request-Line.
  case via
  case from, to, callID, cSeq
}
