/// Why a call was not done: the errors of the interface file and those that every Varlink service has.
package enum ControlError: Error, Sendable, Equatable {
  case noSuchAccount(String)
  case notPermitted(method: String)
  case reloadFailed([String])
  case unavailable(reason: String)
  case interfaceNotFound(String)
  case methodNotFound(String)
  case invalidParameter(String)
  case expectedMore
  /// An error that this client does not know, of a newer daemon.
  case other(name: String)
}

extension ControlError {
  /// The reply that carries the error.
  package var frame: [UInt8] { VarlinkMessage.frame(Envelope(error: name, parameters: parameters)) }

  /// The error that a reply carries, or nil when it carries none.
  package init?(reply: VarlinkMessage) throws(VarlinkDefect) {
    guard let name = try reply.envelope(ErrorName.self).error else { return nil }
    guard let parameters = try? reply.parameters(Parameters.self) else { throw .notAMessage }
    self.init(name: name, parameters: parameters)
  }

  private init(name: String, parameters: Parameters) {
    self =
      switch name {
      case "org.sipregd.Registrations.NoSuchAccount": .noSuchAccount(parameters.name ?? "")
      case "org.sipregd.Registrations.NotPermitted": .notPermitted(method: parameters.method ?? "")
      case "org.sipregd.Registrations.ReloadFailed": .reloadFailed(parameters.errors ?? [])
      case "org.sipregd.Registrations.Unavailable": .unavailable(reason: parameters.reason ?? "")
      case "org.varlink.service.InterfaceNotFound": .interfaceNotFound(parameters.interface ?? "")
      case "org.varlink.service.MethodNotFound": .methodNotFound(parameters.method ?? "")
      case "org.varlink.service.InvalidParameter": .invalidParameter(parameters.parameter ?? "")
      case "org.varlink.service.ExpectedMore": .expectedMore
      default: .other(name: name)
      }
  }

  package var name: String {
    switch self {
    case .noSuchAccount: "org.sipregd.Registrations.NoSuchAccount"
    case .notPermitted: "org.sipregd.Registrations.NotPermitted"
    case .reloadFailed: "org.sipregd.Registrations.ReloadFailed"
    case .unavailable: "org.sipregd.Registrations.Unavailable"
    case .interfaceNotFound: "org.varlink.service.InterfaceNotFound"
    case .methodNotFound: "org.varlink.service.MethodNotFound"
    case .invalidParameter: "org.varlink.service.InvalidParameter"
    case .expectedMore: "org.varlink.service.ExpectedMore"
    case .other(let name): name
    }
  }

  private var parameters: Parameters {
    switch self {
    case .noSuchAccount(let name): Parameters(name: name)
    case .notPermitted(let method), .methodNotFound(let method): Parameters(method: method)
    case .reloadFailed(let errors): Parameters(errors: errors)
    case .unavailable(let reason): Parameters(reason: reason)
    case .interfaceNotFound(let interface): Parameters(interface: interface)
    case .invalidParameter(let parameter): Parameters(parameter: parameter)
    case .expectedMore, .other: Parameters()
    }
  }

  private struct ErrorName: Decodable {
    var error: String?
  }

  private struct Envelope: Encodable {
    var error: String
    var parameters: Parameters
  }

  private struct Parameters: Codable {
    var name: String?
    var method: String?
    var errors: [String]?
    var reason: String?
    var interface: String?
    var parameter: String?
  }
}

extension ControlError: CustomStringConvertible {
  /// For people. Names in it come from the other side: neutralise it before it goes to a terminal.
  package var description: String {
    switch self {
    case .noSuchAccount(let name): "there is no account named \(name)"
    case .notPermitted(let method): "\(method) is for root and the daemon's own user"
    case .reloadFailed(let errors):
      (["the configuration is wrong, nothing was changed"] + errors).joined(separator: "\n")
    case .unavailable(let reason): "the daemon cannot do this now: \(reason)"
    case .interfaceNotFound(let interface): "the daemon has no interface \(interface)"
    case .methodNotFound(let method): "the daemon has no method \(method)"
    case .invalidParameter(let parameter): "the daemon does not accept the parameter \(parameter)"
    case .expectedMore: "this call needs the flag `more`"
    case .other(let name): "the daemon answered \(name)"
    }
  }
}
