import Glibc
import NIOCore
import SIPMessage

/// Why bytes did not reach a peer, in words for an operator.
package struct TransportFailure: Error, Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    case refused
    case unreachable
    case timedOut
    case reset
    case closed
    case tooLarge
    case unsupported
    case noBuffers
    case denied
    case malformed
    case addressInUse
    case addressUnavailable
    /// What answers does not speak TLS.
    case tlsNotSpoken
    /// Nobody whom we trust vouches for the certificate, or it is not valid now.
    case tlsUntrusted
    /// The certificate names somebody else.
    case tlsWrongName
    /// The peer refuses: our certificate, or what else it says.
    case tlsRefused
    case tlsFailed
    /// The peer does not open a WebSocket for SIP.
    case webSocketRefused
    case other

    init(errno code: CInt) {
      self =
        switch code {
        case ECONNREFUSED: .refused
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, ENONET: .unreachable
        case ETIMEDOUT: .timedOut
        case ECONNRESET, ECONNABORTED: .reset
        case EPIPE, ENOTCONN, EBADF, ESHUTDOWN: .closed
        case EMSGSIZE: .tooLarge
        case EAFNOSUPPORT, EPROTONOSUPPORT: .unsupported
        case ENOBUFS, ENOMEM, EAGAIN, EMFILE, ENFILE: .noBuffers
        // EPERM is what a packet filter's verdict looks like to the sender.
        case EACCES, EPERM: .denied
        case EADDRINUSE: .addressInUse
        case EADDRNOTAVAIL: .addressUnavailable
        default: .other
        }
    }

    var words: String {
      switch self {
      case .refused: "connection refused"
      case .unreachable: "no way to the peer"
      case .timedOut: "timed out"
      case .reset: "connection reset by the peer"
      case .closed: "connection closed"
      case .tooLarge: "message too large for the transport"
      case .unsupported: "transport not supported"
      case .noBuffers: "no room to send"
      case .denied: "not permitted"
      case .malformed: "unreadable stream"
      case .addressInUse: "address already in use"
      case .addressUnavailable: "address not available on this host"
      case .tlsNotSpoken: "no TLS there"
      case .tlsUntrusted: "certificate not trusted"
      case .tlsWrongName: "certificate of somebody else"
      case .tlsRefused: "TLS refused"
      case .tlsFailed: "TLS failed"
      case .webSocketRefused: "no WebSocket for SIP there"
      case .other: "input/output error"
      }
    }
  }

  package var kind: Kind
  /// What the system said, or the particular reason; may be empty.
  package var detail: String

  package init(_ kind: Kind, detail: String = "") {
    self.kind = kind
    self.detail = detail
  }

  init(errno code: CInt) {
    self.init(Kind(errno: code), detail: String(cString: strerror(code)))
  }

  init(_ error: any Error) {
    switch error {
    case let failure as TransportFailure:
      self = failure
    case let error as IOError:
      self.init(errno: error.errnoCode)
    case ChannelError.connectTimeout:
      self.init(.timedOut, detail: "no answer to the connection request")
    case is ChannelError:
      self.init(.closed)
    case let error as FramingError:
      self.init(.malformed, detail: error.words)
    default:
      self.init(.other, detail: "\(error)")
    }
  }
}

extension TransportFailure {
  /// A peer with TLS 1.3 hears of our certificate behind the handshake, as we see it (RFC 8446 §4.4.2): not every one says
  /// why it goes then.
  static let endedBehindHandshake = TransportFailure(
    .tlsRefused, detail: "the peer ended the connection behind the handshake and before any answer")
}

extension TransportFailure: CustomStringConvertible {
  package var description: String {
    detail.isEmpty || detail.lowercased() == kind.words ? kind.words : "\(kind.words) (\(detail))"
  }
}

extension FramingError {
  fileprivate var words: String {
    switch self {
    case .headerTooLarge: "the header section has no end within the limit"
    case .messageTooLarge: "the message is larger than the limit"
    case .missingContentLength: "a message without Content-Length"
    case .badContentLength: "a Content-Length that is no number, or two of them"
    case .badStartLine: "what should begin a message is neither a request nor an answer"
    }
  }
}

/// Why a transport layer could not take its address and port.
package struct BindError: Error, Hashable, Sendable, CustomStringConvertible {
  package var target: Target
  package var failure: TransportFailure

  package var description: String {
    "can not listen on \(target.transport.uriToken) \(target.endpoint): \(failure)"
  }
}
