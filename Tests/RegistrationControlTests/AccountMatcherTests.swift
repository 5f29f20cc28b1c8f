import Testing

@testable import RegistrationControl

@Suite struct AccountMatcherTests {
  @Test(arguments: [
    ("*", "", true), ("", "", true), ("", "a", false), ("a", "", false), ("alice", "Alice", true),
    ("al*", "alice", true), ("*ice", "alice", true), ("a*c*", "alice", true), ("a?ice", "alice", true),
    ("a?ice", "aice", false), ("*@example.com", "sip:alice@example.com", true),
    ("*@example.com", "sip:alice@example.com.evil", false), ("a*b*c", "aXbXbXc", true), ("a*b", "aXbc", false),
    ("[a]", "a", false), ("[a]", "[a]", true), ("é?", "Éa", true),
  ])
  func globsMatchAsPeopleExpect(_ pattern: String, _ text: String, _ matches: Bool) {
    #expect(Glob(pattern).matches(text) == matches)
  }

  @Test func aHostilePatternStaysCheap() {
    let pattern = String(repeating: "a*", count: 200) + "b"
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 2_000)))
  }

  /// Text that is ASCII is looked at in another way than text that is not: both find the same.
  @Test(arguments: ["al*", "*ice", "A?iCe", "*", "a**c?", "alice*", "**", "b*", "alic"])
  func whatIsAsciiMatchesAsAnythingElse(_ pattern: String) {
    #expect(Glob(pattern).matches("Alice") == Glob(pattern + "é").matches("Aliceé"))
    #expect(Glob(pattern + "*").matches("Alice") == Glob(pattern + "*").matches("Aliceé"))
  }

  @Test func aPatternOfStarsIsOneStar() {
    let pattern = String(repeating: "*", count: 1_000_000)
    let glob = Glob(pattern)
    #expect((0..<10_000).allSatisfy { glob.matches("user\($0)") })
  }

  @Test(arguments: [
    ("sip:alice@example.com", "example.com"), ("sips:alice@example.com:5061;transport=tls", "example.com"),
    ("sip:alice@[2001:db8::1]:5060", "[2001:db8::1]"), ("sip:example.com", "example.com"),
    ("sip:\"a@b\"@example.com", "example.com"), ("alice", "alice"), ("", ""), ("sip:a@[", "["),
  ])
  func findsTheDomainOfAnAddressOfRecord(_ aor: String, _ domain: String) {
    #expect(AccountMatcher.domain(ofAOR: aor) == domain)
  }

  @Test func everythingThatIsGivenMustHold() {
    let matcher = AccountMatcher(
      AccountFilter(states: [.waiting, .paused], domain: "EXAMPLE.com", pattern: "al*"))
    #expect(matcher.matches(name: "alice", aor: "sip:alice@example.com", state: .paused))
    #expect(!matcher.matches(name: "alice", aor: "sip:alice@example.com", state: .registered))
    #expect(!matcher.matches(name: "alice", aor: "sip:alice@example.net", state: .paused))
    #expect(!matcher.matches(name: "bob", aor: "sip:bob@example.com", state: .paused))
    #expect(matcher.matches(name: "alan", aor: "sip:1001@example.com", state: .waiting))
  }

  @Test func anEmptyFilterMatchesAll() {
    #expect(AccountMatcher(AccountFilter()).matches(name: "", aor: "", state: .unregistered))
  }
}
