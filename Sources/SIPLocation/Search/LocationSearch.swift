import SIPMessage

/// From the URI of a next hop to the places to try, in order (RFC 3263 §4.1 and §4.2): a value. It says what has to be asked
/// and takes the answers; who asks, and how long that takes, is not its business. Chance is an argument: the order among
/// servers of one priority is drawn anew by each search.
///
/// One round of questions is open at a time; an answer that is a failure counts as none, but in what is said at the end.
///
///     round      begins with                  there are records                   there are none
///     –          an address                   found
///                a port, ws, a bare name      → addresses of the name
///                anything else                → hosts
///     hosts      a name without a port        found                               → services of the transport that is
///                                                                                 asked for, or else pointers
///     pointers   no transport asked for       → services of the lowest order      → services of each transport
///     services   NAPTR or the transports      → addresses of the servers drawn    of NAPTR: the next order, or failed;
///                                             "." and nothing else: failed        else → addresses of the name
///     addresses                               found                               failed
///
/// Records that say which services there are, some name servers never answer for: such a round has a time of its own, after
/// which there are none. When the time of the search is over, the round of addresses ends with what there is, and any other
/// in failure.
package struct LocationSearch: Sendable {
  package enum Limits {
    /// Places in all. Of several servers each has its share of them.
    package static let places = 16
    /// Services whose SRV records are asked for in one round.
    package static let services = 8
    /// Rounds of SRV records: orders of NAPTR records.
    package static let orders = 4
    /// Servers whose addresses are asked for.
    package static let servers = 16
    /// How long a round of NAPTR or SRV records may take.
    package static let roundOfServices: Duration = .seconds(5)
    /// How long a search may take. What asks for it waits a little longer.
    package static let duration: Duration = .seconds(25)
  }

  /// What is to be done next.
  package enum Action: Sendable, Equatable {
    /// Each of these is answered once.
    case ask([NameQuestion])
    /// There are questions open.
    case wait
    /// `LocationTrace.outcome` says with what.
    case end
  }

  /// A transport of a domain, and where its SRV records are.
  private struct Service: Hashable, Sendable {
    let transport: TransportProtocol
    let name: String
  }

  private struct Server: Hashable, Sendable {
    let transport: TransportProtocol
    let host: String
    let port: UInt16
  }

  private enum Round: Sendable {
    case none
    case hosts
    case pointers
    /// - Parameter later: those of higher orders; nil: these come from no NAPTR record
    case services([Service], later: [[Service]]?)
    case addresses([Server])
  }

  private let query: LocationQuery
  private var round = Round.none
  private var open: [NameQuestion] = []
  private var answers: [NameQuestion: NameAnswer] = [:]
  private var isLate = false
  package private(set) var trace = LocationTrace()

  package init(_ query: LocationQuery) { self.query = query }

  /// Whether it is over.
  package var hasEnded: Bool { trace.outcome != nil }

  // MARK: Events

  /// Once, before the others.
  package mutating func begin() -> Action {
    switch query.host {
    case .address(let address): return found([query.candidate(address)])
    case .name(let host):
      // Without a dot it is a host of the network here, which the search list of resolv.conf(5) is for. For WebSocket
      // there are no SRV records (RFC 7118 §8).
      let isOfNoDomain = !host.dropLast().contains(".")
      if query.port != nil || isOfNoDomain || query.transport == .ws || query.transport == .wss {
        return askAddresses(host)
      }
      return ask([.hosts(name)], in: .hosts)
    }
  }

  /// An answer to a question that is open; any other changes nothing.
  package mutating func answered(
    _ question: NameQuestion, _ answer: NameAnswer, chance: inout some RandomNumberGenerator
  ) -> Action {
    guard let index = open.firstIndex(of: question) else { return hasEnded ? .end : .wait }
    open.remove(at: index)
    note(question, answer)
    return open.isEmpty ? proceed(&chance) : .wait
  }

  /// So long has the round of questions gone on that a round of services may take.
  package mutating func roundPassed(chance: inout some RandomNumberGenerator) -> Action {
    switch round {
    case .none, .hosts, .addresses: return hasEnded ? .end : .wait
    case .pointers, .services: return hasEnded ? .end : giveUp(&chance)
    }
  }

  /// Nobody waits any longer.
  package mutating func timePassed(chance: inout some RandomNumberGenerator) -> Action {
    guard !hasEnded else { return .end }
    isLate = true
    return giveUp(&chance)
  }

  private mutating func giveUp(_ chance: inout some RandomNumberGenerator) -> Action {
    for question in open { note(question, .failure(ResolutionFailure(name: question.name, kind: .timedOut))) }
    open = []
    return proceed(&chance)
  }

  // MARK: Rounds

  private var name: String {
    switch query.host {
    case .name(let name): name.hasSuffix(".") ? String(name.dropLast()) : name
    case .address(let address): address.description
    }
  }

  private mutating func note(_ question: NameQuestion, _ answer: NameAnswer) {
    answers[question] = answer
    trace.steps.append(LocationTrace.Step(question: question, answer: answer))
  }

  private mutating func ask(_ questions: [NameQuestion], in round: Round) -> Action {
    guard !isLate else { return failed() }
    self.round = round
    open = questions
    return .ask(questions)
  }

  private mutating func proceed(_ chance: inout some RandomNumberGenerator) -> Action {
    switch round {
    case .none: preconditionFailure("an answer without a question")
    case .hosts: return leaveHosts()
    case .pointers: return leavePointers()
    case .services(let services, let later): return leave(services, later, &chance)
    case .addresses(let servers): return leave(servers)
    }
  }

  private mutating func leaveHosts() -> Action {
    let addresses = addresses(.hosts(name))
    if !addresses.isEmpty { return found(addresses.map(query.candidate)) }
    if let transport = query.transport { return askServices([conventional(transport)], later: nil) }
    return ask([.pointers(name)], in: .pointers)
  }

  private mutating func leavePointers() -> Action {
    var orders = usefulServices()
    guard !orders.isEmpty else {
      return askServices((query.isSecure ? [.tls] : [.udp, .tcp]).map(conventional), later: nil)
    }
    let first = orders.removeFirst()
    return askServices(first, later: orders)
  }

  private mutating func askServices(_ services: [Service], later: [[Service]]?) -> Action {
    var names: [NameQuestion] = []
    for service in services where !names.contains(.services(service.name)) { names.append(.services(service.name)) }
    return ask(names, in: .services(services, later: later))
  }

  private mutating func leave(
    _ services: [Service], _ later: [[Service]]?, _ chance: inout some RandomNumberGenerator
  ) -> Action {
    var servers: [Server] = []
    var isDenied = false
    for service in services {
      let records = serviceRecords(service.name)
      isDenied = isDenied || records.contains(where: \.isDenial)
      for record in records.filter({ !$0.isDenial && $0.port != 0 }).drawn(Limits.servers, chance: &chance) {
        let server = Server(transport: service.transport, host: record.host, port: record.port)
        if !servers.contains(server) { servers.append(server) }
      }
    }
    if !servers.isEmpty { return askAddresses(Array(servers.prefix(Limits.servers))) }
    if isDenied {
      return failed("\(name) says itself that it has no such service (an SRV record with the target \".\")")
    }
    guard var later else { return askAddresses(name) }
    guard !later.isEmpty else { return failed("the NAPTR records of \(name) lead to no server") }
    let next = later.removeFirst()
    return askServices(next, later: later)
  }

  private mutating func askAddresses(_ host: String) -> Action {
    askAddresses([Server(transport: query.defaultTransport, host: host, port: query.defaultPort)])
  }

  private mutating func askAddresses(_ servers: [Server]) -> Action {
    var questions: [NameQuestion] = []
    for server in servers where !questions.contains(where: { $0.name == server.host }) {
      questions.append(.addresses(server.host, port: server.port))
    }
    return ask(questions, in: .addresses(servers))
  }

  private mutating func leave(_ servers: [Server]) -> Action {
    let share = max(Limits.places / servers.count, 1)
    var places: [Candidate] = []
    for server in servers {
      // Several servers of one host are one question.
      guard let question = trace.steps.first(where: { $0.question.isForAddresses(of: server.host) })?.question
      else { continue }
      for address in addresses(question).prefix(share) {
        let place = Candidate(
          transport: server.transport, endpoint: Endpoint(address: address, port: server.port))
        if !places.contains(place) { places.append(place) }
      }
    }
    return places.isEmpty ? failed() : found(Array(places.prefix(Limits.places)))
  }

  // MARK: What came

  private func addresses(_ question: NameQuestion) -> [IPAddress] {
    guard case .success(let resolution) = answers[question] else { return [] }
    return resolution.addresses
  }

  private func serviceRecords(_ name: String) -> [ServiceRecord] {
    guard case .success(let resolution) = answers[.services(name)], case .services(let records) = resolution.records
    else { return [] }
    return records
  }

  /// Where the SRV records of a transport are by convention (RFC 3263 §4.1).
  private func conventional(_ transport: TransportProtocol) -> Service {
    let prefix =
      switch transport {
      case .udp: "_sip._udp"
      case .tcp, .ws: "_sip._tcp"
      case .tls, .wss: "_sips._tcp"
      }
    return Service(transport: transport, name: "\(prefix).\(name)")
  }

  /// What of the NAPTR records is of use, an array for each order. Where the first one is secure there is no way back to
  /// one that is not: who keeps us from a connection would choose.
  private func usefulServices() -> [[Service]] {
    guard case .success(let resolution) = answers[.pointers(name)], case .pointers(let records) = resolution.records
    else { return [] }
    var orders: [(order: UInt16, services: [Service])] = []
    var mustBeSecure = query.isSecure
    for record in records {
      guard let transport = record.transport, transport.isSecure || !mustBeSecure else { continue }
      mustBeSecure = mustBeSecure || orders.isEmpty && transport.isSecure
      let service = Service(transport: transport, name: record.replacement)
      if orders.last?.order != record.order { orders.append((record.order, [])) }
      let index = orders.count - 1
      guard orders[index].services.count < Limits.services, !orders[index].services.contains(service) else { continue }
      orders[index].services.append(service)
    }
    return orders.prefix(Limits.orders).map(\.services)
  }

  // MARK: Its end

  private mutating func found(_ places: [Candidate]) -> Action {
    trace.outcome = .found(places)
    return .end
  }

  private mutating func failed(_ words: String) -> Action {
    trace.outcome = .failed(words)
    return .end
  }

  /// In the words of the last answer about addresses; where the DNS itself had trouble before, in those of that.
  private mutating func failed() -> Action {
    let failures = trace.steps.compactMap { step -> ResolutionFailure? in
      if case .failure(let failure) = step.answer { failure } else { nil }
    }
    guard let last = failures.last else { return failed("\(name) leads to no place") }
    let failure = last.kind.isFinal ? failures.first { !$0.kind.isFinal } ?? last : last
    guard failure.kind == .noRecord, failure.name == name else { return failed("\(failure)") }
    if query.port != nil { return failed("\(failure), and with a port SRV records are not asked for") }
    let isOfDomain = trace.steps.contains { if case .services = $0.question { true } else { false } }
    return failed(isOfDomain ? "can not resolve \(name): the name has no NAPTR, SRV or address record" : "\(failure)")
  }
}

extension NameQuestion {
  fileprivate var isForAddresses: Bool {
    switch self {
    case .addresses: true
    case .hosts, .pointers, .services: false
    }
  }

  fileprivate func isForAddresses(of host: String) -> Bool { isForAddresses && name == host }
}
