import Testing

@testable import RegistrationControl

/// A seeded walk through damaged messages: each is a message, an error or a defect, never a crash, and what is read as
/// a call can be written again.
@Suite struct CodecMutationTests {
  private static let seeds: [[UInt8]] = [
    ControlCall.list(AccountFilter(states: [.waiting], domain: "example.com", pattern: "a*")).frame(more: true),
    ControlCall.refresh(AccountSelection(names: ["a", "b\u{1B}"], pattern: "?", all: true)).frame(oneway: true),
    ControlCall.show(name: "\u{1F600}\"\\").frame(), ControlCall.reload(dryRun: true).frame(),
  ]

  @Test(arguments: 0..<8) func noDamagedMessageCrashes(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var calls = 0
    var errors = 0
    var defects = 0
    for _ in 0..<1_000 {
      var framer = VarlinkFramer(limit: 4_096)
      framer.append(mutated(Self.seeds.randomElement(using: &random)!, &random))
      while let frame = try framer.next() {
        guard let request = try? ControlRequest(frame: frame) else {
          defects += 1
          continue
        }
        switch request.call {
        case .success(let call):
          calls += 1
          #expect(try ControlRequest(frame: call.frame().dropLast()).call == .success(call))
        case .failure(let error):
          errors += 1
          #expect(try ControlError(reply: VarlinkMessage(frame: error.frame.dropLast())) == error)
        }
      }
    }
    #expect(calls > 0 && errors > 0 && defects > 0)
  }

  private func mutated(_ seed: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var bytes = seed
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
      default: bytes.removeSubrange(index..<min(index + 2, bytes.count - 1))
      }
    }
    return bytes + [0]
  }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}
