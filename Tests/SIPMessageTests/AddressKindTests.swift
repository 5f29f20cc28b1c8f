import SIPMessage
import Testing

struct AddressKindTests {
  @Test(arguments: [
    ("192.0.2.1", true), ("127.0.0.1", true), ("10.0.0.255", true), ("223.255.255.255", true), ("240.0.0.1", true),
    ("0.0.0.0", false), ("0.1.2.3", false), ("224.0.0.1", false), ("239.255.255.255", false),
    ("255.255.255.255", false), ("2001:db8::1", true), ("::1", true), ("fe80::1", true), ("::", false),
    ("ff02::1", false), ("ff0e::5060", false),
  ])
  func addressOfOneHost(_ text: String, _ isOneHost: Bool) throws {
    #expect(try #require(IPAddress(text)).isOneHost == isOneHost)
  }
}
