/// A reply that carries no error: its parameters, and whether another one follows.
package struct ControlReply<Parameters: ReplyParameters>: Sendable {
  package let parameters: Parameters
  package let continues: Bool

  package init(_ parameters: Parameters, continues: Bool = false) {
    self.parameters = parameters
    self.continues = continues
  }

  package var frame: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("continues", continues ? true : nil)
      json.member("parameters", parameters)
    }
    return json.bytes + [0]
  }

  /// Reads a reply; the error that it may carry is the result.
  package static func read(frame: [UInt8]) throws(VarlinkDefect) -> Result<Self, ControlError> {
    let message = try VarlinkMessage(frame: frame)
    let received = try message.envelope(Received.self)
    if let parameters = received.parameters { return .success(Self(parameters, continues: received.continues)) }
    guard let error = try ControlError(reply: message) else { throw .notAMessage }
    return .failure(error)
  }

  /// Decoded in one go, because a chunk of `List` is long. With an error the parameters are the error's.
  private struct Received: Decodable {
    var parameters: Parameters?
    var continues: Bool

    enum CodingKeys: CodingKey {
      case parameters, continues, error
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      continues = try container.decodeIfPresent(Bool.self, forKey: .continues) ?? false
      guard try container.decodeIfPresent(String.self, forKey: .error) == nil else { return }
      parameters = try container.decode(Parameters.self, forKey: .parameters)
    }
  }
}

/// The parameters of a reply, named as in the interface file.
package protocol ReplyParameters: Codable, Sendable, JSONWritable {}

extension ReplyParameters {
  /// What is not asked for often takes the general encoder.
  package func write(to json: inout JSONWriter) { json.append(VarlinkMessage.json(self)) }
}

package struct StatusReply: ReplyParameters, Equatable {
  package var status: DaemonStatus
  package init(status: DaemonStatus) { self.status = status }
}

package struct ListReply: ReplyParameters, Equatable {
  package var accounts: [AccountReport]
  package init(accounts: [AccountReport]) { self.accounts = accounts }
  package func write(to json: inout JSONWriter) { json.object { $0.member("accounts", accounts) } }
}

package struct ShowReply: ReplyParameters, Equatable {
  package var details: AccountDetails
  package init(details: AccountDetails) { self.details = details }
}

package struct WatchReply: ReplyParameters, Equatable {
  package var event: RegistrationEvent
  package init(event: RegistrationEvent) { self.event = event }
  package func write(to json: inout JSONWriter) { json.object { $0.member("event", event) } }
}

package struct AffectedReply: ReplyParameters, Equatable {
  package var affected: Int
  package init(affected: Int) { self.affected = affected }
}

package struct InterfaceDescriptionReply: ReplyParameters, Equatable {
  package var description: String
  package init(description: String) { self.description = description }
}

/// The reply of `org.varlink.service.GetInfo`.
package struct ServiceInfo: ReplyParameters, Equatable {
  package var vendor = "sipregd"
  package var product = "sipregd"
  package var version: String
  /// There is no home page to name.
  package var url = ""
  package var interfaces = [InterfaceDescription.serviceName, InterfaceDescription.registrationsName]

  package init(version: String) {
    self.version = version
  }
}
