import SIPMessage
import SIPUserAgent

/// Reads the outbound proxies of an account or of `[proxy.NAME]`.
///
/// `;lr` is added where it is missing, because a forgotten `;lr` must not turn into strict routing (RFC 3261 §16.12)
/// by accident; `strict_routing = true` takes the chains as they are written.
struct RouteReader {
  /// Proxies that a request passes one after the other: each is named in every request.
  static let longestChain = 16

  var terms: TermReader

  static let forms = "a host, host:port, SIP URI, the name of a [proxy.NAME] or an array of them"

  /// The value of `outbound_proxy`, unless it names a `[proxy.NAME]`: one proxy, a chain `["…", "…"]`, or a table with the
  /// keys of `[proxy.NAME]`. An empty chain goes straight to the registrar.
  mutating func outboundProxy(
    _ value: ConfigurationValue, of source: ConfigurationSource, knownProxies: some Sequence<String>
  ) throws(Complaint) -> ProxyDraft {
    switch value.content {
    case .string(let text):
      if !text.contains(where: { ".:;[<".contains($0) }), let hint = nearest(to: text, among: knownProxies) {
        throw Complaint(message: "names no [proxy.\(printable(text, limit: 40))]; did you mean \"\(hint)\"?")
      }
      let (uri, path) = try Self.proxy(text, isStrict: false)
      return ProxyDraft(routes: [RouteDraft(proxies: [uri], webSocketPath: path)])
    case .array: return ProxyDraft(routes: [try Self.chain(value, isStrict: false)])
    case .table(let table):
      let list = ErrorList()
      let section = Section<ProxyKey>(table, file: "", place: "", list: list)
      let proxy = proxy(section, of: source)
      if let error = list.errors.errors.first { throw Complaint(message: "is wrong: \(error.message)") }
      return proxy
    case .integer, .float, .boolean, .date, .null:
      throw Complaint(message: "must be \(Self.forms), not \(value.kind)")
    }
  }

  /// The keys of `[proxy.NAME]`; what is wrong is reported.
  mutating func proxy(_ section: Section<ProxyKey>, of source: ConfigurationSource) -> ProxyDraft {
    let routes = Self.routes(section)
    return ProxyDraft(routes: routes, terms: terms.terms(section, source))
  }

  private static func routes(_ section: Section<ProxyKey>) -> [RouteDraft] {
    let isStrict = section.boolean(.strictRouting) ?? false
    let expected = "an array of chains, such as [[\"sip:a.example.net\"], [\"sip:b.example.net\"]]"
    guard let value = section[.routes] else {
      section.report("routes is missing: \(expected)")
      return []
    }
    guard case .array(let chains) = value.content else {
      section.report(.routes, mustBe: expected, not: value)
      return []
    }
    if chains.isEmpty { section.report("routes must hold one chain at least", line: value.line) }
    if chains.count > Account.maximumRoutes {
      section.report("routes must hold \(Account.maximumRoutes) chains at most, not \(chains.count)", line: value.line)
    }
    var routes: [RouteDraft] = []
    for chain in chains {
      guard case .array = chain.content else {
        section.report("routes must be \(expected): each chain is an array", line: chain.line)
        continue
      }
      do {
        routes.append(try Self.chain(chain, isStrict: isStrict))
      } catch {
        section.report("routes \(error.message)", line: chain.line)
      }
    }
    return routes
  }

  private static func chain(_ value: ConfigurationValue, isStrict: Bool) throws(Complaint) -> RouteDraft {
    guard case .array(let elements) = value.content else { return RouteDraft() }
    if elements.count > longestChain {
      throw Complaint(message: "must pass \(longestChain) proxies at most, not \(elements.count)")
    }
    var route = RouteDraft()
    for element in elements {
      guard case .string(let text) = element.content else {
        throw Complaint(message: "must be a chain of strings, not of \(element.kind)")
      }
      // Only the first decides how the rest is routed (§12.2.1.1): the others keep their `;lr` or the lack of it.
      let (uri, path) = try proxy(text, isStrict: isStrict, isFirst: route.proxies.isEmpty)
      if route.proxies.isEmpty { route.webSocketPath = path }
      route.proxies.append(uri)
    }
    return route
  }

  private static func proxy(
    _ text: String, isStrict: Bool, isFirst: Bool = true
  ) throws(Complaint) -> (URI, webSocketPath: String?) {
    let (uri, path) = try URI.hop(text, for: .proxy)
    guard isStrict else { return (uri.addingLooseRouting(), path) }
    if isFirst, uri.isLooseRouter {
      throw Complaint(
        message: "has \";lr\", which asks for loose routing, and strict_routing = true: \"\(printable(text))\"")
    }
    return (uri, path)
  }
}
