/// A call of the control interface, typed. The daemon decodes it, a client encodes it.
package enum ControlCall: Sendable, Equatable {
  case info
  case interfaceDescription(String)
  case status
  case list(AccountFilter)
  case show(name: String)
  case watch(AccountFilter)
  case refresh(AccountSelection, wait: Int? = nil)
  case pause(AccountSelection)
  case resume(AccountSelection)
  case reload(dryRun: Bool)

  /// What only root and the daemon's own user may do.
  package var changesTheDaemon: Bool {
    switch self {
    case .refresh, .pause, .resume, .reload: true
    case .info, .interfaceDescription, .status, .list, .show, .watch: false
    }
  }

  package var method: String {
    switch self {
    case .info: "org.varlink.service.GetInfo"
    case .interfaceDescription: "org.varlink.service.GetInterfaceDescription"
    case .status: "org.sipregd.Registrations.Status"
    case .list: "org.sipregd.Registrations.List"
    case .show: "org.sipregd.Registrations.Show"
    case .watch: "org.sipregd.Registrations.Watch"
    case .refresh: "org.sipregd.Registrations.Refresh"
    case .pause: "org.sipregd.Registrations.Pause"
    case .resume: "org.sipregd.Registrations.Resume"
    case .reload: "org.sipregd.Registrations.Reload"
    }
  }
}

/// The envelope of a call: its flags, and the call or why there is none.
package struct ControlRequest: Sendable {
  package let call: Result<ControlCall, ControlError>
  /// The client takes several replies.
  package let more: Bool
  /// The client takes no reply, not even an error.
  package let oneway: Bool

  package init(frame: [UInt8]) throws(VarlinkDefect) {
    let message = try VarlinkMessage(frame: frame)
    let envelope = try message.envelope(Envelope.self)
    more = envelope.more ?? false
    oneway = envelope.oneway ?? false
    do throws(ControlError) {
      call = .success(try Self.call(envelope.method, message))
    } catch {
      call = .failure(error)
    }
  }

  private struct Envelope: Decodable {
    var method: String
    var more: Bool?
    var oneway: Bool?
  }

  private static func call(_ method: String, _ message: VarlinkMessage) throws(ControlError) -> ControlCall {
    switch method {
    case "org.varlink.service.GetInfo": .info
    case "org.varlink.service.GetInterfaceDescription":
      .interfaceDescription(try message.parameters(InterfaceParameters.self).interface)
    case "org.sipregd.Registrations.Status": .status
    case "org.sipregd.Registrations.List": .list(try filter(message))
    case "org.sipregd.Registrations.Show": .show(name: try message.parameters(NameParameters.self).name)
    case "org.sipregd.Registrations.Watch": .watch(try filter(message))
    case "org.sipregd.Registrations.Refresh":
      .refresh(try selection(message), wait: try message.parameters(WaitParameters.self).checked())
    case "org.sipregd.Registrations.Pause": .pause(try selection(message))
    case "org.sipregd.Registrations.Resume": .resume(try selection(message))
    case "org.sipregd.Registrations.Reload":
      .reload(dryRun: try message.parameters(ReloadParameters.self).dryRun)
    default: throw .methodNotFound(method)
    }
  }

  private static func filter(_ message: VarlinkMessage) throws(ControlError) -> AccountFilter {
    let filter = try message.parameters(FilterParameters.self).filter ?? .init()
    if let parameter = filter.excess { throw .invalidParameter(parameter) }
    return filter
  }

  private static func selection(_ message: VarlinkMessage) throws(ControlError) -> AccountSelection {
    let selection = try message.parameters(AccountSelection.self)
    guard !selection.isEmpty else { throw .invalidParameter("names") }
    guard !AccountFilter.isTooLong(selection.pattern) else { throw .invalidParameter("pattern") }
    guard !selection.isContradictory else { throw .invalidParameter("all") }
    return selection
  }
}

extension ControlCall {
  /// The call as a client sends it.
  package func frame(more: Bool = false, oneway: Bool = false) -> [UInt8] {
    func envelope(_ parameters: some Encodable) -> [UInt8] {
      VarlinkMessage.frame(
        Envelope(method: method, parameters: parameters, more: more ? true : nil, oneway: oneway ? true : nil))
    }
    return switch self {
    case .info, .status: envelope(NoParameters())
    case .interfaceDescription(let interface): envelope(InterfaceParameters(interface: interface))
    case .list(let filter), .watch(let filter): envelope(FilterParameters(filter: filter))
    case .show(let name): envelope(NameParameters(name: name))
    case .refresh(let selection, let wait):
      envelope(RefreshParameters(names: selection.names, pattern: selection.pattern, all: selection.all, wait: wait))
    case .pause(let selection), .resume(let selection): envelope(selection)
    case .reload(let dryRun): envelope(ReloadParameters(dryRun: dryRun))
    }
  }

  private struct Envelope<Parameters: Encodable>: Encodable {
    var method: String
    var parameters: Parameters
    var more: Bool?
    var oneway: Bool?
  }
}

private struct NoParameters: Codable {}

private struct InterfaceParameters: Codable {
  var interface: String
}

private struct FilterParameters: Codable {
  var filter: AccountFilter?
}

private struct NameParameters: Codable {
  var name: String
}

private struct RefreshParameters: Encodable {
  var names: [String]
  var pattern: String?
  var all: Bool?
  var wait: Int?
}

private struct WaitParameters: Decodable {
  var wait: Int?

  func checked() throws(ControlError) -> Int? {
    guard let wait else { return nil }
    guard (1...RefreshReport.longestWait).contains(wait) else { throw .invalidParameter("wait") }
    return wait
  }
}

private struct ReloadParameters: Codable {
  var dryRun: Bool

  enum CodingKeys: String, CodingKey {
    case dryRun = "dry_run"
  }
}
