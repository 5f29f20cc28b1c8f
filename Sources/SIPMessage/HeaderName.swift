/// The name of a header field (RFC 3261 §7.3.1, §20): known ones by number, so that nobody compares text twice.
/// Names compare in either case; a compact form (§7.3.3) is the same name.
package enum HeaderName: Hashable, Sendable {
  case via, from, to, callID, cSeq, contact
  case maxForwards, expires, contentLength, contentType, route, recordRoute
  case path, serviceRoute, authorization, proxyAuthorization, wwwAuthenticate, proxyAuthenticate
  case authenticationInfo, proxyAuthenticationInfo, supported, require, proxyRequire, unsupported
  case minExpires, retryAfter, allow, accept, acceptEncoding, acceptLanguage
  case userAgent, server, warning, date, contentEncoding, contentDisposition
  case subject, event, allowEvents, referTo, referredBy, sessionExpires
  case minSE, replaces, reason, timestamp, flowTimer, organization
  case subscriptionState
  case other(String)

  /// - Returns: nil if this is no token.
  package init?(_ name: Bytes) {
    if let known = Self.known(name) {
      self = known
    } else {
      guard !name.isEmpty, name.allSatisfy(\.isToken) else { return nil }
      self = .other(name.text)
    }
  }

  /// As it is written here.
  package var text: String {
    switch self {
    case .via: "Via"
    case .from: "From"
    case .to: "To"
    case .callID: "Call-ID"
    case .cSeq: "CSeq"
    case .contact: "Contact"
    case .maxForwards: "Max-Forwards"
    case .expires: "Expires"
    case .contentLength: "Content-Length"
    case .contentType: "Content-Type"
    case .route: "Route"
    case .recordRoute: "Record-Route"
    case .path: "Path"
    case .serviceRoute: "Service-Route"
    case .authorization: "Authorization"
    case .proxyAuthorization: "Proxy-Authorization"
    case .wwwAuthenticate: "WWW-Authenticate"
    case .proxyAuthenticate: "Proxy-Authenticate"
    case .authenticationInfo: "Authentication-Info"
    case .proxyAuthenticationInfo: "Proxy-Authentication-Info"
    case .supported: "Supported"
    case .require: "Require"
    case .proxyRequire: "Proxy-Require"
    case .unsupported: "Unsupported"
    case .minExpires: "Min-Expires"
    case .retryAfter: "Retry-After"
    case .allow: "Allow"
    case .accept: "Accept"
    case .acceptEncoding: "Accept-Encoding"
    case .acceptLanguage: "Accept-Language"
    case .userAgent: "User-Agent"
    case .server: "Server"
    case .warning: "Warning"
    case .date: "Date"
    case .contentEncoding: "Content-Encoding"
    case .contentDisposition: "Content-Disposition"
    case .subject: "Subject"
    case .event: "Event"
    case .allowEvents: "Allow-Events"
    case .referTo: "Refer-To"
    case .referredBy: "Referred-By"
    case .sessionExpires: "Session-Expires"
    case .minSE: "Min-SE"
    case .replaces: "Replaces"
    case .reason: "Reason"
    case .timestamp: "Timestamp"
    case .flowTimer: "Flow-Timer"
    case .organization: "Organization"
    case .subscriptionState: "Subscription-State"
    case .other(let name): name
    }
  }

  private static func known(_ name: Bytes) -> HeaderName? {
    guard let first = name.first?.lowercasedASCII else { return nil }
    if name.count == 1 { return compact(first) }
    switch first {
    case UInt8(ascii: "a"):
      return match(
        name,
        [
          (.authorization, "Authorization"), (.authenticationInfo, "Authentication-Info"), (.allow, "Allow"),
          (.accept, "Accept"), (.acceptEncoding, "Accept-Encoding"), (.acceptLanguage, "Accept-Language"),
          (.allowEvents, "Allow-Events"),
        ])
    case UInt8(ascii: "c"):
      return match(
        name,
        [
          (.callID, "Call-ID"), (.cSeq, "CSeq"), (.contact, "Contact"), (.contentLength, "Content-Length"),
          (.contentType, "Content-Type"), (.contentEncoding, "Content-Encoding"),
          (.contentDisposition, "Content-Disposition"),
        ])
    case UInt8(ascii: "d"): return match(name, [(.date, "Date")])
    case UInt8(ascii: "e"): return match(name, [(.expires, "Expires"), (.event, "Event")])
    case UInt8(ascii: "f"): return match(name, [(.from, "From"), (.flowTimer, "Flow-Timer")])
    case UInt8(ascii: "m"):
      return match(name, [(.maxForwards, "Max-Forwards"), (.minExpires, "Min-Expires"), (.minSE, "Min-SE")])
    case UInt8(ascii: "o"): return match(name, [(.organization, "Organization")])
    case UInt8(ascii: "p"):
      return match(
        name,
        [
          (.path, "Path"), (.proxyAuthorization, "Proxy-Authorization"), (.proxyAuthenticate, "Proxy-Authenticate"),
          (.proxyAuthenticationInfo, "Proxy-Authentication-Info"), (.proxyRequire, "Proxy-Require"),
        ])
    case UInt8(ascii: "r"):
      return match(
        name,
        [
          (.route, "Route"), (.recordRoute, "Record-Route"), (.require, "Require"), (.retryAfter, "Retry-After"),
          (.referTo, "Refer-To"), (.referredBy, "Referred-By"), (.replaces, "Replaces"), (.reason, "Reason"),
        ])
    case UInt8(ascii: "s"):
      return match(
        name,
        [
          (.serviceRoute, "Service-Route"), (.supported, "Supported"), (.server, "Server"), (.subject, "Subject"),
          (.sessionExpires, "Session-Expires"), (.subscriptionState, "Subscription-State"),
        ])
    case UInt8(ascii: "t"): return match(name, [(.to, "To"), (.timestamp, "Timestamp")])
    case UInt8(ascii: "u"): return match(name, [(.unsupported, "Unsupported"), (.userAgent, "User-Agent")])
    case UInt8(ascii: "v"): return match(name, [(.via, "Via")])
    case UInt8(ascii: "w"): return match(name, [(.wwwAuthenticate, "WWW-Authenticate"), (.warning, "Warning")])
    default: return nil
    }
  }

  private static func match(_ name: Bytes, _ candidates: [(HeaderName, StaticString)]) -> HeaderName? {
    candidates.first { name.equalsIgnoringCase($0.1) }?.0
  }

  /// §7.3.3, and those of the extensions that define one.
  private static func compact(_ letter: UInt8) -> HeaderName? {
    switch letter {
    case UInt8(ascii: "v"): .via
    case UInt8(ascii: "f"): .from
    case UInt8(ascii: "t"): .to
    case UInt8(ascii: "i"): .callID
    case UInt8(ascii: "m"): .contact
    case UInt8(ascii: "l"): .contentLength
    case UInt8(ascii: "c"): .contentType
    case UInt8(ascii: "k"): .supported
    case UInt8(ascii: "e"): .contentEncoding
    case UInt8(ascii: "s"): .subject
    case UInt8(ascii: "o"): .event
    case UInt8(ascii: "u"): .allowEvents
    case UInt8(ascii: "r"): .referTo
    case UInt8(ascii: "b"): .referredBy
    case UInt8(ascii: "x"): .sessionExpires
    default: nil
    }
  }
}

extension HeaderName {
  /// Whether a message may have only one (RFC 3261 §7.3.1, table 2: those without a list in their grammar).
  package var isSingular: Bool {
    switch self {
    case .from, .to, .callID, .cSeq, .maxForwards, .contentLength, .contentType, .expires, .minExpires, .retryAfter,
      .date,
      .timestamp, .event, .referTo, .subject, .userAgent, .server:
      true
    default: false
    }
  }
}
