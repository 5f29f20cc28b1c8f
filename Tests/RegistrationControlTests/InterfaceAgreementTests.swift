import FoundationEssentials
import Testing

@testable import RegistrationControl

/// The interface file is the documentation, so its types must be those of the program, member by member.
@Suite struct InterfaceAgreementTests {
  private static let moment = Timestamp(milliseconds: 1)
  private static let account = AccountReport(
    name: "", aor: "", registrar: "", state: .paused, reason: "", expiresAt: moment, expiresIn: 1, nextAction: "",
    nextActionAt: moment, via: "", contact: "", failures: 1, lastStatus: 1, lastReason: "")
  private static let exchange = ExchangeReport(
    at: moment, method: "", target: "", status: 1, outcome: "", roundTripMilliseconds: 1)
  private static let status = DaemonStatus(
    version: "", ready: true, startedAt: moment, uptimeSeconds: 1, counts: StateCounts(), shards: 1,
    store: StoreHealth(healthy: true, path: "", problem: ""), traffic: Traffic(), configurationPath: "",
    configurationLoadedAt: moment)

  @Test func everyTypeHasTheMembersOfTheInterface() throws {
    try expectAgreement("StateCounts", StateCounts())
    try expectAgreement("StoreHealth", Self.status.store)
    try expectAgreement("Traffic", Traffic())
    try expectAgreement("Flaw", FlawCount(name: "", ignored: 1, dropped: 1))
    try expectAgreement("DaemonStatus", Self.status)
    try expectAgreement("Account", Self.account)
    try expectAgreement("Exchange", Self.exchange)
    try expectAgreement(
      "AccountDetails",
      AccountDetails(
        account: Self.account, callID: "", cseq: 1, fromTag: "", routeSet: [], requestedExpirySeconds: 1,
        grantedExpirySeconds: 1, boundSince: Self.moment, targetAddress: "", localAddress: "", seenFrom: "",
        flow: "", keepAlive: "", publicGRUU: "", temporaryGRUU: "",
        exchanges: [Self.exchange], explanation: []))
    try expectAgreement("Lookup", LookupReport(hop: "", at: Self.moment, steps: [], failure: ""))
    try expectAgreement("CredentialsInUse", CredentialsInUse(username: "", realm: "", algorithm: ""))
    try expectAgreement(
      "SilentHop", SilentHopReport(uri: "", since: Self.moment, waiting: 1, askedBy: "", askedAt: Self.moment))
    try expectAgreement("Drop", Drop(why: "", count: 1))
    try expectAgreement("Outcome", RefreshReport.Outcome(name: "", words: ""))
    try expectAgreement("Filter", AccountFilter(states: [], domain: "", pattern: "", bound: true))
    try expectAgreement(
      "Event",
      RegistrationEvent(
        at: Self.moment, account: "", aor: "", kind: .failed, state: .paused, previousState: .paused, status: 1,
        text: ""))
  }

  @Test func everyReplyHasTheMembersOfItsMethod() throws {
    #expect(try keys(of: ReloadReport()) == members(after: "method Reload(dry_run: bool) -> ("))
    var report = RefreshReport()
    (report.plannedBy, report.refreshed, report.failed, report.open) = (Self.moment, 1, 1, 1)
    #expect(try keys(of: report) == members(after: "method Refresh("))
    for reply in ["(status: DaemonStatus)", "(accounts: []Account)", "(details: AccountDetails)", "(event: Event)"] {
      #expect(InterfaceDescription.registrations.contains(" -> \(reply)\n"))
    }
    #expect(try keys(of: StatusReply(status: Self.status)) == ["status"])
    #expect(try keys(of: ListReply(accounts: [])) == ["accounts"])
    #expect(try keys(of: AffectedReply(affected: 1)) == ["affected"])
  }

  private func expectAgreement(
    _ type: String, _ value: some Encodable, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = members(after: "type \(type) (")
    #expect(!expected.isEmpty, sourceLocation: sourceLocation)
    #expect(try keys(of: value) == expected, sourceLocation: sourceLocation)
  }

  /// The members of a JSON object, found by asking for any.
  private func keys(of value: some Encodable) throws -> Set<String> {
    let members = try JSONDecoder().decode([String: Anything].self, from: Data(VarlinkMessage.json(value)))
    return Set(members.keys)
  }

  private func members(after opening: String) -> Set<String> {
    let lines = InterfaceDescription.registrations.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(where: { $0.hasPrefix(opening) }) else { return [] }
    let body =
      lines[start].hasSuffix("(") ? Array(lines[(start + 1)...].prefix { $0 != ")" }) : [members(in: lines[start])]
    let fields = body.filter { !$0.contains("#") }.flatMap { $0.split(separator: ",") }
    return Set(fields.compactMap { $0.split(separator: ":").first?.filter { $0 != " " } })
  }

  /// What stands between the parentheses of a declaration on one line.
  private func members(in line: Substring) -> Substring {
    line.drop { $0 != "(" }.dropFirst().prefix { $0 != ")" }
  }

  private struct Anything: Decodable {
    init(from decoder: any Decoder) {}
  }
}
