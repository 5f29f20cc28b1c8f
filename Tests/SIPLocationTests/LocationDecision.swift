import Testing

/// A URI, what the DNS and the hosts file say, what is asked for, and what comes of it: places, or the words of a failure.
struct LocationDecision: CustomTestStringConvertible {
  let name: String
  let uri: String
  let zone: [String]
  let asks: [String]
  let order: String

  init(_ name: String, _ uri: String, _ zone: [String] = [], asks: [String] = [], gives order: String) {
    (self.name, self.uri, self.zone, self.asks, self.order) = (name, uri, zone, asks, order)
  }

  var testDescription: String { name }

  private static let one = ["example.com A 192.0.2.1"]
  private static let udp = ["_sip._udp.example.com SRV 10 10 5070 s1.example.com", "s1.example.com A 192.0.2.11"]
  private static let tcp = ["_sip._tcp.example.com SRV 10 10 5071 s2.example.com", "s2.example.com A 192.0.2.12"]
  private static let tls = ["_sips._tcp.example.com SRV 10 10 5081 s3.example.com", "s3.example.com A 192.0.2.13"]
  private static let naptr = [
    "example.com NAPTR 50 50 s SIPS+D2T _sips._tcp.example.com",
    "example.com NAPTR 90 50 s SIP+D2T _sip._tcp.example.com",
    "example.com NAPTR 100 50 s SIP+D2U _sip._udp.example.com",
  ]
  private static let both = ["SRV _sip._udp.example.com", "SRV _sip._tcp.example.com"]
  private static let start = ["hosts", "NAPTR example.com"]

  /// RFC 3263 §4.1 and §4.2, in their order.
  static let rows: [LocationDecision] = addresses + ports + transports + services + pointers + secure + trouble

  private static let addresses = [
    LocationDecision("an address", "sip:192.0.2.1", gives: "udp:192.0.2.1:5060"),
    LocationDecision("an address and a port", "sip:192.0.2.1:5070", gives: "udp:192.0.2.1:5070"),
    LocationDecision("an address and a transport", "sip:192.0.2.1;transport=tcp", gives: "tcp:192.0.2.1:5060"),
    LocationDecision("an address of sips", "sips:[2001:db8::1]", gives: "tls:[2001:db8::1]:5061"),
    LocationDecision("maddr is an address", "sip:example.com;maddr=192.0.2.9", gives: "udp:192.0.2.9:5060"),
    LocationDecision(
      "maddr is a name, and a port", "sip:example.com:5070;maddr=m.example.com", ["m.example.com A 192.0.2.8"],
      asks: ["A m.example.com"], gives: "udp:192.0.2.8:5070"),
    LocationDecision(
      "maddr is a name", "sip:example.net;maddr=example.com", udp, asks: start + both + ["A s1.example.com"],
      gives: "udp:192.0.2.11:5070"),
  ]

  private static let ports = [
    LocationDecision(
      "a port", "sip:example.com:5060", one + udp + naptr, asks: ["A example.com"], gives: "udp:192.0.2.1:5060"),
    LocationDecision(
      "a port and a transport", "sip:example.com:5062;transport=tcp", one, asks: ["A example.com"],
      gives: "tcp:192.0.2.1:5062"),
    LocationDecision(
      "a port of sips", "sips:example.com:5443", one, asks: ["A example.com"], gives: "tls:192.0.2.1:5443"),
    LocationDecision(
      "a port, and SRV only", "sip:example.com:5060", udp + ["example.com TXT x"], asks: ["A example.com"],
      gives:
        "can not resolve example.com: the name has no address (A or AAAA), and with a port SRV records are not asked for"
    ),
    LocationDecision(
      "a name without a dot", "sip:pbx", ["pbx A 192.0.2.1"], asks: ["A pbx"], gives: "udp:192.0.2.1:5060"),
  ]

  private static let transports = [
    LocationDecision(
      "UDP asked for", "sip:example.com;transport=udp", udp + tcp + naptr,
      asks: ["hosts", "SRV _sip._udp.example.com", "A s1.example.com"], gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "TCP asked for", "sip:example.com;transport=tcp", udp + tcp + naptr,
      asks: ["hosts", "SRV _sip._tcp.example.com", "A s2.example.com"], gives: "tcp:192.0.2.12:5071"),
    LocationDecision(
      "TLS asked for", "sip:example.com;transport=tls", tls + tcp,
      asks: ["hosts", "SRV _sips._tcp.example.com", "A s3.example.com"], gives: "tls:192.0.2.13:5081"),
    LocationDecision(
      "sips over TCP", "sips:example.com;transport=tcp", tls + tcp,
      asks: ["hosts", "SRV _sips._tcp.example.com", "A s3.example.com"], gives: "tls:192.0.2.13:5081"),
    LocationDecision(
      "TCP asked for, and A only", "sip:example.com;transport=tcp", one,
      asks: ["hosts", "SRV _sip._tcp.example.com", "A example.com"], gives: "tcp:192.0.2.1:5060"),
    LocationDecision(
      "WebSocket has no SRV", "sip:example.com;transport=ws", one, asks: ["A example.com"], gives: "ws:192.0.2.1:80"),
    LocationDecision(
      "secure WebSocket", "sips:example.com;transport=ws", one, asks: ["A example.com"], gives: "wss:192.0.2.1:443"),
    LocationDecision(
      "TLS asked for, which is denied", "sip:example.com;transport=tls", one + ["_sips._tcp.example.com SRV 0 0 0 ."],
      asks: ["hosts", "SRV _sips._tcp.example.com"],
      gives: "example.com says itself that it has no such service (an SRV record with the target \".\")"),
  ]

  private static let services = [
    LocationDecision(
      "A only", "sip:example.com", one, asks: start + both + ["A example.com"], gives: "udp:192.0.2.1:5060"),
    LocationDecision(
      "SRV only", "sip:example.com", udp, asks: start + both + ["A s1.example.com"], gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "SRV before A", "sip:example.com", one + udp, asks: start + both + ["A s1.example.com"],
      gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "SRV for TCP only", "sip:example.com", one + tcp, asks: start + both + ["A s2.example.com"],
      gives: "tcp:192.0.2.12:5071"),
    LocationDecision(
      "UDP before TCP", "sip:example.com", tcp + udp, asks: start + both + ["A s1.example.com", "A s2.example.com"],
      gives: "udp:192.0.2.11:5070 tcp:192.0.2.12:5071"),
    LocationDecision(
      "priorities", "sip:example.com",
      [
        "_sip._udp.example.com SRV 10 0 5060 s2.example.com", "_sip._udp.example.com SRV 20 0 5060 s1.example.com",
        "s1.example.com A 192.0.2.11", "s2.example.com A 192.0.2.12",
      ], asks: start + both + ["A s2.example.com", "A s1.example.com"], gives: "udp:192.0.2.12:5060 udp:192.0.2.11:5060"
    ),
    LocationDecision(
      "addresses of both families in their order", "sip:example.com",
      udp + ["s1.example.com A 2001:db8::1", "s1.example.com A 192.0.2.99"], asks: start + both + ["A s1.example.com"],
      gives: "udp:192.0.2.11:5070 udp:[2001:db8::1]:5070 udp:192.0.2.99:5070"),
    LocationDecision(
      "two ports of one host", "sip:example.com", udp + ["_sip._udp.example.com SRV 20 0 5072 s1.example.com"],
      asks: start + both + ["A s1.example.com"], gives: "udp:192.0.2.11:5070 udp:192.0.2.11:5072"),
    LocationDecision(
      "a server without an address is left out", "sip:example.com",
      udp + ["_sip._udp.example.com SRV 5 0 5060 gone.example.com"],
      asks: start + both + ["A gone.example.com", "A s1.example.com"], gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "no server has an address", "sip:example.com", one + ["_sip._udp.example.com SRV 5 0 5060 gone.example.com"],
      asks: start + both + ["A gone.example.com"],
      gives: "can not resolve gone.example.com: there is no such name in the DNS"),
    LocationDecision(
      "UDP is denied", "sip:example.com", one + ["_sip._udp.example.com SRV 0 0 0 ."], asks: start + both,
      gives: "example.com says itself that it has no such service (an SRV record with the target \".\")"),
    LocationDecision(
      "UDP is denied, TCP is there", "sip:example.com", one + tcp + ["_sip._udp.example.com SRV 0 0 0 ."],
      asks: start + both + ["A s2.example.com"], gives: "tcp:192.0.2.12:5071"),
    LocationDecision(
      "port 0 is no server", "sip:example.com", one + ["_sip._udp.example.com SRV 0 0 0 s1.example.com"],
      asks: start + both + ["A example.com"], gives: "udp:192.0.2.1:5060"),
    LocationDecision(
      "nothing at all", "sip:example.com", ["example.com TXT x"], asks: start + both + ["A example.com"],
      gives: "can not resolve example.com: the name has no NAPTR, SRV or address record"),
    LocationDecision(
      "no such name", "sip:example.com", asks: start + both + ["A example.com"],
      gives: "can not resolve example.com: there is no such name in the DNS"),
    LocationDecision(
      "the dot at the end", "sip:example.com.", udp, asks: start + both + ["A s1.example.com"],
      gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "in the hosts file", "sip:example.com", udp + naptr + ["example.com HOSTS 192.0.2.77"], asks: ["hosts"],
      gives: "udp:192.0.2.77:5060"),
    LocationDecision(
      "in the hosts file, by TLS", "sips:example.com", tls + ["example.com HOSTS 192.0.2.77"], asks: ["hosts"],
      gives: "tls:192.0.2.77:5061"),
  ]

  private static let pointers = [
    LocationDecision(
      "NAPTR: the lowest order", "sip:example.com", naptr + udp + tcp + tls,
      asks: start + ["SRV _sips._tcp.example.com", "A s3.example.com"], gives: "tls:192.0.2.13:5081"),
    LocationDecision(
      "NAPTR: a name of its own", "sip:example.com",
      ["example.com NAPTR 10 10 S sip+d2u edge.example.net", "edge.example.net SRV 1 1 5066 s1.example.com"] + udp,
      asks: start + ["SRV edge.example.net", "A s1.example.com"], gives: "udp:192.0.2.11:5066"),
    LocationDecision(
      "NAPTR: preferences within an order", "sip:example.com",
      [
        "example.com NAPTR 10 10 s SIP+D2T _sip._tcp.example.com",
        "example.com NAPTR 10 20 s SIP+D2U _sip._udp.example.com",
      ] + udp + tcp,
      asks: start + both.reversed() + ["A s2.example.com", "A s1.example.com"],
      gives: "tcp:192.0.2.12:5071 udp:192.0.2.11:5070"),
    LocationDecision(
      "NAPTR: no way back from a secure one", "sip:example.com",
      [
        "example.com NAPTR 10 10 s SIPS+D2T _sips._tcp.example.com",
        "example.com NAPTR 10 20 s SIP+D2U _sip._udp.example.com",
      ] + udp + tls, asks: start + ["SRV _sips._tcp.example.com", "A s3.example.com"], gives: "tls:192.0.2.13:5081"),
    LocationDecision(
      "NAPTR: an order that leads nowhere", "sip:example.com",
      [
        "example.com NAPTR 10 10 s SIP+D2T _sip._tcp.example.com",
        "example.com NAPTR 20 10 s SIP+D2U _sip._udp.example.com",
      ] + udp, asks: start + both.reversed() + ["A s1.example.com"], gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "NAPTR: nothing behind it", "sip:example.com",
      one + ["example.com NAPTR 10 10 s SIP+D2T _sip._tcp.example.com"], asks: start + ["SRV _sip._tcp.example.com"],
      gives: "the NAPTR records of example.com lead to no server"),
    LocationDecision(
      "NAPTR: WebSocket", "sip:example.com",
      ["example.com NAPTR 10 10 s SIPS+D2W ws.example.com", "ws.example.com SRV 1 1 8443 s1.example.com"] + udp,
      asks: start + ["SRV ws.example.com", "A s1.example.com"], gives: "wss:192.0.2.11:8443"),
    LocationDecision(
      "NAPTR: SCTP and telephone numbers are nothing to us", "sip:example.com",
      [
        "example.com NAPTR 10 10 s SIP+D2S _sip._sctp.example.com", "example.com NAPTR 20 10 u E2U+sip . !^.*$!x!",
      ] + udp, asks: start + both + ["A s1.example.com"], gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "NAPTR: an expression is not followed", "sip:example.com",
      ["example.com NAPTR 10 10 s SIP+D2U _sip._udp.example.com !^.*$!x!"] + tcp,
      asks: start + both + ["A s2.example.com"], gives: "tcp:192.0.2.12:5071"),
  ]

  private static let secure = [
    LocationDecision(
      "sips: NAPTR of SIPS only", "sips:example.com",
      ["example.com NAPTR 10 10 s SIP+D2U _sip._udp.example.com"] + naptr + udp + tls,
      asks: start + ["SRV _sips._tcp.example.com", "A s3.example.com"], gives: "tls:192.0.2.13:5081"),
    LocationDecision(
      "sips: no NAPTR", "sips:example.com", udp + tcp + tls,
      asks: start + ["SRV _sips._tcp.example.com", "A s3.example.com"], gives: "tls:192.0.2.13:5081"),
    LocationDecision(
      "sips: A only", "sips:example.com", one + udp, asks: start + ["SRV _sips._tcp.example.com", "A example.com"],
      gives: "tls:192.0.2.1:5061"),
    LocationDecision(
      "sips: WebSocket by NAPTR", "sips:example.com",
      ["example.com NAPTR 10 10 s SIP+D2W ws.example.com", "example.com NAPTR 20 10 s SIPS+D2W wss.example.com"]
        + ["wss.example.com SRV 1 1 443 s3.example.com"] + tls,
      asks: start + ["SRV wss.example.com", "A s3.example.com"], gives: "wss:192.0.2.13:443"),
  ]

  private static let trouble = [
    LocationDecision(
      "NAPTR fails", "sip:example.com", udp + ["example.com FAIL NAPTR"], asks: start + both + ["A s1.example.com"],
      gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "NAPTR is never answered", "sip:example.com", udp + ["example.com SILENT NAPTR"],
      asks: start + both + ["A s1.example.com"], gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "SRV is never answered", "sip:example.com", one + ["_sip._udp.example.com SILENT SRV"],
      asks: start + both + ["A example.com"], gives: "udp:192.0.2.1:5060"),
    LocationDecision(
      "SRV of one transport fails", "sip:example.com", tcp + ["_sip._udp.example.com FAIL SRV"],
      asks: start + both + ["A s2.example.com"], gives: "tcp:192.0.2.12:5071"),
    LocationDecision(
      "trouble says more than absence", "sip:example.com", ["_sip._udp.example.com FAIL SRV", "example.com TXT x"],
      asks: start + both + ["A example.com"], gives: "can not resolve _sip._udp.example.com: the name server failed"),
    LocationDecision(
      "one server's addresses do not come", "sip:example.com",
      udp + ["_sip._udp.example.com SRV 5 0 5060 slow.example.com", "slow.example.com SILENT A"],
      asks: start + both + ["A slow.example.com", "A s1.example.com"], gives: "udp:192.0.2.11:5070"),
    LocationDecision(
      "nobody answers", "sip:example.com:5060", ["example.com SILENT A"], asks: ["A example.com"],
      gives: "can not resolve example.com: no name server answered in time"),
  ]
}
