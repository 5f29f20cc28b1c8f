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
  /// That the process dies before any one effect.
  var crashRate = 0.0
  /// Only routes that lead to the registrar itself.
  var isDirect = false

  // Faults that the checks have to find.
  var storeLies = false
  var duplicatesAsNew = false

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
    if plan.registrar.maximumExpires < plan.registrar.minimumExpires { plan.registrar.maximumExpires = 3600 }
    return plan
  }

  func account(_ index: Int, using random: inout SplitMix64) -> Account {
    var account = Account(
      name: "user\(index)", addressOfRecord: Self.uri(Self.addressOfRecord(index)),
      registrar: Self.uri("sip:example.test"),
      credentials: [
        Credential(username: "user\(index)", secret: .password(SimulatedRegistrar.password))
      ])
    account.expires = expires[random.below(expires.count)]
    account.routes = routes(using: &random)
    return account
  }

  func routes(using random: inout SplitMix64) -> [RouteSet] {
    let first = RouteSet(proxies: [Self.uri("sip:p1.test;lr")])
    let second = RouteSet(proxies: [Self.uri("sip:p2.test;lr")])
    if isDirect { return [.direct] }
    switch random.below(5) {
    case 0: return [.direct]
    case 1: return [first]
    case 2: return [first, second]
    case 3: return [second, .direct]
    default: return [first, second, .direct]
    }
  }

  static func uri(_ text: String) -> URI {
    do { return try URI(text) } catch { preconditionFailure("\(text) is no URI: \(error)") }
  }
}
