import Testing

@testable import DaemonConfiguration

/// Files as an accident leaves them: cut off, with bytes changed, doubled or lost.
@Suite struct ConfigurationMutilationTests {
  /// A small generator with a seed (SplitMix64), so that a failing file can be made again.
  struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// Bytes that mean something to TOML, JSON or a URI.
  private static let telling = Array("\"'[]{}=,.#\n\r\\;:@<>%?\u{0}-19 t\u{7F}é".utf8)

  private static func mutilated(_ text: [UInt8], seed: UInt64) -> [UInt8] {
    var random = Seeded(state: seed)
    var bytes = text
    for _ in 0..<Int.random(in: 1...6, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0..<200, using: &random)))
      case 1: bytes.remove(at: place)
      case 2: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 3: bytes.insert(telling.randomElement(using: &random) ?? 0, at: place)
      default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
      }
      if bytes.count < 2 { break }
    }
    return bytes
  }

  @Test(arguments: 0..<8)
  func aMutilatedFileIsReadOrRefusedWithALineOfItsOwn(round: Int) throws {
    let text = Array(try ConfigurationReferenceTests.inUse().utf8)
    var refused = 0
    for seed in 0..<25 {
      let bytes = Self.mutilated(text, seed: UInt64(round * 1_000 + seed))
      let lines = bytes.count { $0 == UInt8(ascii: "\n") } + 1
      let source = ConfigurationSource(name: "sipregd.toml", directory: "", mode: nil)
      do {
        _ = try ConfigurationReader.read(bytes, of: source, environment: [:])
      } catch {
        refused += 1
        for error in error.errors {
          let line = try #require(error.line, "seed \(round * 1_000 + seed)")
          #expect((1...lines).contains(line), "seed \(round * 1_000 + seed): \(error)")
          #expect(error.description.utf8.count < 1_000)
        }
      }
    }
    // The reference names files that are not here: it is refused, whatever else became of it.
    #expect(refused > 20)
  }

  @Test(arguments: 0..<4)
  func aMutilatedLineOfAccountsIsReadOrRefused(round: Int) throws {
    let line = Array(
      #"{"name": "\u00e9\ud83d\udcde", "aor": "sip:a@example.com", "expires": 1.5e3, "credentials": [{"password": "x"}]}"#
        .utf8)
    var refused = 0
    for seed in 0..<500 {
      let bytes = Self.mutilated(line, seed: UInt64(round * 1_000 + seed))
      guard !bytes.contains(UInt8(ascii: "\n")), invalidUTF8(bytes[...]) == nil else { continue }
      do {
        _ = try JSONReader.readObject(bytes[...], line: 7)
      } catch {
        refused += 1
        #expect(error.line == 7)
        #expect((1...bytes.count + 1).contains(error.column))
      }
    }
    #expect(refused > 100)
  }
}
