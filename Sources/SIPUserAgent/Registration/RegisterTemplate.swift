import SIPMessage

/// What the REGISTERs of many accounts have in common, written once: the same registrar over the same route from the
/// same local end differ in whose they are and in what has to be new each time.
final class RegisterTemplate: Sendable {
  private let target: URI
  private let routes: RouteSet
  private let way: Way
  private let offered: Extensions
  /// The Request-Line, and Via up to its branch.
  let beginning: [UInt8]
  /// Between the branch and From.
  let middle: [UInt8]
  /// From Supported to User-Agent.
  let end: [UInt8]
  let digestSubject: DigestSubject
  /// Of the three together.
  let length: Int

  /// What is answered here at all: OPTIONS, and the methods of a call with what a user agent without a call says.
  static let allow: StaticString = "INVITE, ACK, CANCEL, BYE, OPTIONS, NOTIFY"

  /// - Throws: when the User-Agent header field holds CR, LF or NUL. A URI can not.
  init(
    _ target: URI, _ routes: RouteSet, _ way: Way, offering offered: Extensions, userAgent: String
  ) throws(HeaderInjection) {
    self.target = target
    self.routes = routes
    self.way = way
    self.offered = offered
    let application = routes.applied(to: target)
    digestSubject = DigestSubject(method: .register, uri: application.requestURI.text)
    var text: [UInt8] = []
    text.append("REGISTER ")
    text += application.requestURI.text
    text.append(" SIP/2.0\r\nVia: SIP/2.0/")
    text.append(text: way.target.transport.viaToken)
    text.append(" ")
    text.append(SentBy(way.local, over: way.target.transport))
    text.append(";rport;branch=")
    beginning = text

    text = []
    text.append("\r\nMax-Forwards: 70\r\n")
    for route in application.routes {
      text.append("Route: <")
      text += route.text
      text.append(">\r\n")
    }
    middle = text

    var writer = MessageWriter()
    if let tags = offered.tags { writer.constant(.supported, tags) }
    writer.constant(.allow, Self.allow)
    try writer.field(.userAgent, text: userAgent)
    end = writer.fields
    length = beginning.count + middle.count + end.count
  }

  func fits(_ target: URI, _ routes: RouteSet, _ way: Way, offering offered: Extensions) -> Bool {
    self.offered == offered && self.way == way && self.target == target && self.routes == routes
  }
}

/// The templates in use, as many as a daemon has ways to its registrars.
struct RegisterTemplates: Sendable {
  /// More ways than this take turns.
  private static let limit = 64
  private var templates: [RegisterTemplate] = []
  private var next = 0

  mutating func template(
    _ target: URI, _ routes: RouteSet, _ way: Way, offering offered: Extensions, userAgent: String
  ) throws(HeaderInjection) -> RegisterTemplate {
    for template in templates where template.fits(target, routes, way, offering: offered) { return template }
    let template = try RegisterTemplate(target, routes, way, offering: offered, userAgent: userAgent)
    if templates.count < Self.limit {
      templates.append(template)
    } else {
      templates[next] = template
      next = (next + 1) % Self.limit
    }
    return template
  }
}
