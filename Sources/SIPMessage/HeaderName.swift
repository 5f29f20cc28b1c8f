/// A header field name that is known here (RFC 3261 §7.3.1, §20), by number, so that nobody compares text twice. Names
/// compare in either case; a compact form (§7.3.3) is the same name.
package enum HeaderName: UInt8, Hashable, Sendable, CaseIterable {
  case via, from, to, callID, cSeq, contact
  case maxForwards, expires, contentLength, contentType, route, recordRoute
  case path, serviceRoute, authorization, proxyAuthorization, wwwAuthenticate, proxyAuthenticate
  case authenticationInfo, proxyAuthenticationInfo, supported, require, proxyRequire, unsupported
  case minExpires, retryAfter, allow, accept, acceptEncoding, acceptLanguage
  case userAgent, server, warning, date, contentEncoding, contentDisposition
  case subject, event, allowEvents, referTo, referredBy, sessionExpires
  case minSE, replaces, reason, timestamp, flowTimer, organization
  case subscriptionState

  /// - Returns: nil for a name that is not known.
  package init?(_ name: Bytes) { self.init(name.span) }

  init?(_ name: Span<UInt8>) {
    guard !name.isEmpty else { return nil }
    let first = name[0].lowercasedASCII
    if name.count == 1 {
      guard let known = Self.compact(first) else { return nil }
      self = known
      return
    }
    guard let candidate = Self.candidate(first, name[name.count - 1].lowercasedASCII, name.count),
      name.equalsIgnoringCase(candidate.text)
    else { return nil }
    self = candidate
  }

  /// As it is written here.
  package var text: StaticString {
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
    }
  }

  /// The one name of this length with these two letters at its ends, if there is one.
  private static func candidate(_ first: UInt8, _ last: UInt8, _ count: Int) -> HeaderName? {
    switch (first, count, last) {
    case (UInt8(ascii: "v"), 3, UInt8(ascii: "a")): .via
    case (UInt8(ascii: "f"), 4, UInt8(ascii: "m")): .from
    case (UInt8(ascii: "t"), 2, UInt8(ascii: "o")): .to
    case (UInt8(ascii: "c"), 7, UInt8(ascii: "d")): .callID
    case (UInt8(ascii: "c"), 4, UInt8(ascii: "q")): .cSeq
    case (UInt8(ascii: "c"), 7, UInt8(ascii: "t")): .contact
    case (UInt8(ascii: "m"), 12, UInt8(ascii: "s")): .maxForwards
    case (UInt8(ascii: "e"), 7, UInt8(ascii: "s")): .expires
    case (UInt8(ascii: "c"), 14, UInt8(ascii: "h")): .contentLength
    case (UInt8(ascii: "c"), 12, UInt8(ascii: "e")): .contentType
    case (UInt8(ascii: "r"), 5, UInt8(ascii: "e")): .route
    case (UInt8(ascii: "r"), 12, UInt8(ascii: "e")): .recordRoute
    case (UInt8(ascii: "p"), 4, UInt8(ascii: "h")): .path
    case (UInt8(ascii: "s"), 13, UInt8(ascii: "e")): .serviceRoute
    case (UInt8(ascii: "a"), 13, UInt8(ascii: "n")): .authorization
    case (UInt8(ascii: "p"), 19, UInt8(ascii: "n")): .proxyAuthorization
    case (UInt8(ascii: "w"), 16, UInt8(ascii: "e")): .wwwAuthenticate
    case (UInt8(ascii: "p"), 18, UInt8(ascii: "e")): .proxyAuthenticate
    case (UInt8(ascii: "a"), 19, UInt8(ascii: "o")): .authenticationInfo
    case (UInt8(ascii: "p"), 25, UInt8(ascii: "o")): .proxyAuthenticationInfo
    case (UInt8(ascii: "s"), 9, UInt8(ascii: "d")): .supported
    case (UInt8(ascii: "r"), 7, UInt8(ascii: "e")): .require
    case (UInt8(ascii: "p"), 13, UInt8(ascii: "e")): .proxyRequire
    case (UInt8(ascii: "u"), 11, UInt8(ascii: "d")): .unsupported
    case (UInt8(ascii: "m"), 11, UInt8(ascii: "s")): .minExpires
    case (UInt8(ascii: "r"), 11, UInt8(ascii: "r")): .retryAfter
    case (UInt8(ascii: "a"), 5, UInt8(ascii: "w")): .allow
    case (UInt8(ascii: "a"), 6, UInt8(ascii: "t")): .accept
    case (UInt8(ascii: "a"), 15, UInt8(ascii: "g")): .acceptEncoding
    case (UInt8(ascii: "a"), 15, UInt8(ascii: "e")): .acceptLanguage
    case (UInt8(ascii: "u"), 10, UInt8(ascii: "t")): .userAgent
    case (UInt8(ascii: "s"), 6, UInt8(ascii: "r")): .server
    case (UInt8(ascii: "w"), 7, UInt8(ascii: "g")): .warning
    case (UInt8(ascii: "d"), 4, UInt8(ascii: "e")): .date
    case (UInt8(ascii: "c"), 16, UInt8(ascii: "g")): .contentEncoding
    case (UInt8(ascii: "c"), 19, UInt8(ascii: "n")): .contentDisposition
    case (UInt8(ascii: "s"), 7, UInt8(ascii: "t")): .subject
    case (UInt8(ascii: "e"), 5, UInt8(ascii: "t")): .event
    case (UInt8(ascii: "a"), 12, UInt8(ascii: "s")): .allowEvents
    case (UInt8(ascii: "r"), 8, UInt8(ascii: "o")): .referTo
    case (UInt8(ascii: "r"), 11, UInt8(ascii: "y")): .referredBy
    case (UInt8(ascii: "s"), 15, UInt8(ascii: "s")): .sessionExpires
    case (UInt8(ascii: "m"), 6, UInt8(ascii: "e")): .minSE
    case (UInt8(ascii: "r"), 8, UInt8(ascii: "s")): .replaces
    case (UInt8(ascii: "r"), 6, UInt8(ascii: "n")): .reason
    case (UInt8(ascii: "t"), 9, UInt8(ascii: "p")): .timestamp
    case (UInt8(ascii: "f"), 10, UInt8(ascii: "r")): .flowTimer
    case (UInt8(ascii: "o"), 12, UInt8(ascii: "n")): .organization
    case (UInt8(ascii: "s"), 18, UInt8(ascii: "e")): .subscriptionState
    default: nil
    }
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
  /// For a set of names in one number.
  var bit: UInt64 { 1 << UInt64(rawValue) }

  /// Whether a message may have only one (RFC 3261 §7.3.1, table 2: those without a list in their grammar).
  package var isSingular: Bool {
    switch self {
    case .from, .to, .callID, .cSeq, .maxForwards, .contentLength, .contentType, .expires, .minExpires, .retryAfter,
      .date, .timestamp, .event, .referTo, .subject, .userAgent, .server:
      true
    default: false
    }
  }
}
