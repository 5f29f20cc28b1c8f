import SIPMessage
import SIPUserAgent

/// What kind of world it is: who lives in it, and what may go wrong.
struct Plan {
  var accounts = 20
  var registrar = SimulatedRegistrar.Settings()
  var expires: [UInt32] = [60, 120, 300, 600, 1800]
  var loss = 0.0
  var duplication = 0.02
  var reordering = 0.05
  var hasFaults = false
  var hasOperator = false
  /// Peers see this host elsewhere than it is.
  var hasNAT = false
  /// That the process dies before any one effect.
  var crashRate = 0.0
  /// That the store takes what a start writes.
  var canWriteAtTheStart = 0.9
  /// Only routes that lead to the registrar itself.
  var isDirect = false

  /// To be found by the checks.
  var fault: Fault?

  enum Fault: CaseIterable {
    /// The store acknowledges what is not where it survives.
    case storeLies
    /// A request is sent again after its answer.
    case duplicatesAsNew
    /// The core is told that its numbers are safe before they are.
    case acknowledgesBeforeTheWrite
    /// A start relies on a reservation that could not be written.
    case trustsWhatWasNotWritten
    /// An account that comes back before it has gone is taken for another.
    case forgetsWhoLeaves
  }

  static func name(_ index: Int) -> String { "user\(index)" }

  static func index(ofName name: String) -> Int? { Int(name.dropFirst("user".count)) }

  /// Of what its state is kept under, which begins with its name.
  static func index(ofKey key: String) -> Int? { index(ofName: String(key.prefix { $0 != " " })) }

  static func addressOfRecord(_ index: Int) -> String { "sip:user\(index)@example.test" }

  static func index(_ addressOfRecord: String) -> Int? {
    Int(addressOfRecord.dropFirst("sip:user".count).prefix { $0 != "@" })
  }

  /// Anything goes wrong.
  static func troubled(using random: inout SplitMix64) -> Plan {
    var plan = Plan()
    plan.hasFaults = true
    plan.hasOperator = true
    plan.loss = Double(random.below(4)) * 0.1
    plan.crashRate = [0, 0.0002, 0.001][random.below(3)]
    plan.registrar.minimumExpires = [0, 90, 400][random.below(3)]
    plan.registrar.maximumExpires = [200, 600, 3600][random.below(3)]
    plan.registrar.nonceLifetime = .seconds([5, 60, 100_000][random.below(3)])
    plan.registrar.saysStale = random.happens(0.5)
    plan.registrar.hasQuality = random.happens(0.8)
    plan.registrar.algorithm = DigestAlgorithm(hash: random.happens(0.5) ? .md5 : .sha256)
    plan.registrar.listsForeignContacts = random.happens(0.5)
    plan.hasNAT = random.happens(0.5)
    if plan.registrar.maximumExpires < plan.registrar.minimumExpires { plan.registrar.maximumExpires = 3600 }
    return plan
  }

  func account(_ index: Int, using random: inout SplitMix64) -> Account {
    var account = Account(
      name: Self.name(index), addressOfRecord: Self.uri(Self.addressOfRecord(index)),
      registrar: Self.uri("sip:example.test"),
      credentials: [
        Credential(username: "user\(index)", secret: .password(SimulatedRegistrar.password))
      ])
    account.expires = expires[random.below(expires.count)]
    account.routes = routes(using: &random)
    // Beyond a NAT of four one as often as it likes, one not at all, and one whose Contact follows.
    if hasNAT, index.isMultiple(of: 4) { account.policy.keepAlive = .every(.seconds(Int64(5 + index))) }
    if hasNAT, index % 4 == 1 { account.policy.keepAlive = .off }
    if hasNAT, index % 4 == 2 { account.contact.followsNAT = true }
    return account
  }

  /// As far as it decides what its state is kept under.
  func known(_ index: Int) -> Account? {
    Account(
      name: Self.name(index), addressOfRecord: Self.uri(Self.addressOfRecord(index)),
      registrar: Self.uri("sip:example.test"))
  }

  func routes(using random: inout SplitMix64) -> [RouteSet] {
    let first = RouteSet(proxies: [Self.uri("sip:p1.test;lr")])
    let second = RouteSet(proxies: [Self.uri("sip:p2.test;lr")])
    if isDirect { return [.direct] }
    // By their addresses: nothing has to be looked up. Over streams.
    let third = RouteSet(proxies: [Self.uri("sip:10.0.0.1;lr")])
    let fourth = RouteSet(proxies: [Self.uri("sip:10.0.0.2;transport=tcp;lr")])
    let fifth = RouteSet(proxies: [Self.uri("sip:p1.test;transport=tcp;lr")])
    switch random.below(9) {
    case 0: return [.direct]
    case 1: return [first]
    case 2: return [first, second]
    case 3: return [second, .direct]
    case 4: return [third]
    case 5: return [fourth, first]
    case 6: return [fifth]
    case 7: return [third, fifth, .direct]
    default: return [first, second, .direct]
    }
  }

  static func uri(_ text: String) -> URI {
    do { return try URI(text) } catch { preconditionFailure("\(text) is no URI: \(error)") }
  }
}
