import SIPMessage
import SIPUserAgent

/// What the state of an account is kept under: a Call-ID belongs to an address of record at a registrar. That of an
/// account is put into words when it is written.
package enum StateKey: Sendable {
  case account(Account)
  case text(String)

  package var text: String {
    switch self {
    case .account(let account): account.storeKey
    case .text(let text): text
    }
  }

  package func append(to bytes: inout [UInt8]) {
    switch self {
    case .account(let account): account.append(storeKeyTo: &bytes)
    case .text(let text): bytes.append(text: text)
    }
  }
}
