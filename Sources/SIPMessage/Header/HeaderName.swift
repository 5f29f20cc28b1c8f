/// A header field name that is known here (RFC 3261 §7.3.1, §20), by number, so that nobody compares text twice. Names
/// compare in either case; a compact form (§7.3.3) is the same name.
package enum HeaderName: UInt8, Hashable, Sendable, CaseIterable {
  // The first five are what `Header` keeps apart.
  case via, from, to, callID, cSeq, contact
  case maxForwards, expires, contentLength, contentType, route, recordRoute
  case path, serviceRoute, authorization, proxyAuthorization, wwwAuthenticate, proxyAuthenticate
  case authenticationInfo, proxyAuthenticationInfo, supported, require, proxyRequire, unsupported
  case minExpires, retryAfter, allow, accept, acceptEncoding, acceptLanguage
  case userAgent, server, warning, date, contentEncoding, contentDisposition
  case subject, event, allowEvents, referTo, referredBy, sessionExpires
  case minSE, replaces, reason, timestamp, flowTimer, organization
  case subscriptionState, pAssociatedURI

  /// - Returns: nil for a name that is not known.
  package init?(_ name: Bytes) { self.init(name.span) }

  @inline(__always)
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
    case .pAssociatedURI: "P-Associated-URI"
    }
  }

  /// The one name of this length with these two letters at its ends, if there is one.
  private static func candidate(_ first: UInt8, _ last: UInt8, _ count: Int) -> HeaderName? {
    switch first {
    case UInt8(ascii: "v"):
      switch (count, last) {
      case (3, UInt8(ascii: "a")): .via
      default: nil
      }
    case UInt8(ascii: "f"):
      switch (count, last) {
      case (4, UInt8(ascii: "m")): .from
      case (10, UInt8(ascii: "r")): .flowTimer
      default: nil
      }
    case UInt8(ascii: "t"):
      switch (count, last) {
      case (2, UInt8(ascii: "o")): .to
      case (9, UInt8(ascii: "p")): .timestamp
      default: nil
      }
    case UInt8(ascii: "c"):
      switch (count, last) {
      case (7, UInt8(ascii: "d")): .callID
      case (4, UInt8(ascii: "q")): .cSeq
      case (7, UInt8(ascii: "t")): .contact
      case (14, UInt8(ascii: "h")): .contentLength
      case (12, UInt8(ascii: "e")): .contentType
      case (16, UInt8(ascii: "g")): .contentEncoding
      case (19, UInt8(ascii: "n")): .contentDisposition
      default: nil
      }
    case UInt8(ascii: "m"):
      switch (count, last) {
      case (12, UInt8(ascii: "s")): .maxForwards
      case (11, UInt8(ascii: "s")): .minExpires
      case (6, UInt8(ascii: "e")): .minSE
      default: nil
      }
    case UInt8(ascii: "e"):
      switch (count, last) {
      case (7, UInt8(ascii: "s")): .expires
      case (5, UInt8(ascii: "t")): .event
      default: nil
      }
    case UInt8(ascii: "r"):
      switch (count, last) {
      case (5, UInt8(ascii: "e")): .route
      case (12, UInt8(ascii: "e")): .recordRoute
      case (7, UInt8(ascii: "e")): .require
      case (11, UInt8(ascii: "r")): .retryAfter
      case (8, UInt8(ascii: "o")): .referTo
      case (11, UInt8(ascii: "y")): .referredBy
      case (8, UInt8(ascii: "s")): .replaces
      case (6, UInt8(ascii: "n")): .reason
      default: nil
      }
    case UInt8(ascii: "p"):
      switch (count, last) {
      case (4, UInt8(ascii: "h")): .path
      case (19, UInt8(ascii: "n")): .proxyAuthorization
      case (18, UInt8(ascii: "e")): .proxyAuthenticate
      case (25, UInt8(ascii: "o")): .proxyAuthenticationInfo
      case (13, UInt8(ascii: "e")): .proxyRequire
      case (16, UInt8(ascii: "i")): .pAssociatedURI
      default: nil
      }
    case UInt8(ascii: "s"):
      switch (count, last) {
      case (13, UInt8(ascii: "e")): .serviceRoute
      case (9, UInt8(ascii: "d")): .supported
      case (6, UInt8(ascii: "r")): .server
      case (7, UInt8(ascii: "t")): .subject
      case (15, UInt8(ascii: "s")): .sessionExpires
      case (18, UInt8(ascii: "e")): .subscriptionState
      default: nil
      }
    case UInt8(ascii: "a"):
      switch (count, last) {
      case (13, UInt8(ascii: "n")): .authorization
      case (19, UInt8(ascii: "o")): .authenticationInfo
      case (5, UInt8(ascii: "w")): .allow
      case (6, UInt8(ascii: "t")): .accept
      case (15, UInt8(ascii: "g")): .acceptEncoding
      case (15, UInt8(ascii: "e")): .acceptLanguage
      case (12, UInt8(ascii: "s")): .allowEvents
      default: nil
      }
    case UInt8(ascii: "w"):
      switch (count, last) {
      case (16, UInt8(ascii: "e")): .wwwAuthenticate
      case (7, UInt8(ascii: "g")): .warning
      default: nil
      }
    case UInt8(ascii: "u"):
      switch (count, last) {
      case (11, UInt8(ascii: "d")): .unsupported
      case (10, UInt8(ascii: "t")): .userAgent
      default: nil
      }
    case UInt8(ascii: "d"):
      switch (count, last) {
      case (4, UInt8(ascii: "e")): .date
      default: nil
      }
    case UInt8(ascii: "o"):
      switch (count, last) {
      case (12, UInt8(ascii: "n")): .organization
      default: nil
      }
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
  /// For a set of names in one number: each has one of its own, as a test holds.
  var bit: UInt128 { 1 &<< UInt128(rawValue) }

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
