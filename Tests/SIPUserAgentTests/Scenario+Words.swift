import SIPMessage
import SIPUserAgent

// Requests and reports as they stand in a trace.

extension Scenario {
  static func words(_ bytes: [UInt8]) -> String {
    guard let message = try? Message(parsing: bytes), case .request(let method, let uri) = message.startLine else {
      return String(decoding: bytes.prefix { $0 != 0x0D }, as: UTF8.self)
    }
    var text = "\(method.text) \(uri.text) CSeq \((try? message.cSeq())?.number ?? 0)"
    text += " Expires \(message.expires?.value ?? 0)"
    let routes = message.values(.route).map(\.text)
    if !routes.isEmpty { text += " Route \(routes.joined(separator: ", "))" }
    for name in [HeaderName.authorization, .proxyAuthorization] {
      guard let value = message.first(name), let credentials = try? DigestCredentials(parsing: value) else { continue }
      text += " \(name.text) nonce \(String(decoding: credentials.nonce, as: UTF8.self))"
      text += credentials.nonceCount.map { " nc \($0)" } ?? ""
    }
    if message.first(.supported) == nil { text += " without Path" }
    let contacts = message.values(.contact).map(\.text)
    if let own = contacts.first, !own.contains("@\(Bench.local.address)") { text += " Contact \(own)" }
    let former = contacts.dropFirst()
    if !former.isEmpty { text += " and Contact \(former.joined(separator: ", "))" }
    return text
  }

  func words(_ report: Report) -> String {
    switch report {
    case .registered(let binding): "registered until \(time(binding.expiresAt))"
    case .refreshed(let binding): "refreshed until \(time(binding.expiresAt))"
    case .noticed(let notice): "\(notice)"
    case .step(.challenged(let status)): "challenged with \(status)"
    case .step(.longerInterval(let seconds)): "asks for \(seconds)s from now on"
    case .step(.extensions(let status, let offered)):
      "\(status), Path \(offered.contains(.path) ? "offered" : "left out")"
    case .step(.redirected(let status, let uri)): "redirected with \(status) to \(uri)"
    case .discarded(let flaw): "discarded: \(flaw.name)"
    case .lapsed: "lapsed"
    case .failed(let failure, let next): "failed: \(failure), next at \(time(next))"
    case .paused(let reason, let failure, let probe):
      "paused: \(reason)\(failure.map { ", \($0)" } ?? "")\(probe.map { ", next at \(time($0))" } ?? "")"
    case .resumed: "resumed"
    case .unregistered: "unregistered"
    case .unregisterFailed(let failure): "not unregistered: \(failure)"
    }
  }
}
