/// Chance by purpose: how often one is asked changes nothing of the others, so that a seed stays the same story when more
/// or less is sent in it.
struct Chances {
  /// What is configured, now and later.
  var configuration: SplitMix64
  /// When the process ends, and how it begins.
  var process: SplitMix64
  /// What becomes of messages, and of questions for addresses.
  var network: SplitMix64
  /// How long a write takes.
  var disk: SplitMix64
  /// What goes wrong when.
  var faults: SplitMix64
  /// What an operator does when.
  var operations: SplitMix64
  /// What becomes of keep-alives, and when a NAT forgets.
  var flows: SplitMix64

  init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    configuration = SplitMix64(seed: random.next())
    process = SplitMix64(seed: random.next())
    network = SplitMix64(seed: random.next())
    disk = SplitMix64(seed: random.next())
    faults = SplitMix64(seed: random.next())
    operations = SplitMix64(seed: random.next())
    flows = SplitMix64(seed: random.next())
  }
}
