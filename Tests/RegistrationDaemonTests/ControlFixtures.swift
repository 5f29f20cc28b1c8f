import Foundation
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RegistrationControl

@testable import RegistrationDaemon

/// A daemon of accounts that exist only in memory; answers come from a thread of its own, as a shard's do.
final class ScriptedService: ControlService {
  private struct State {
    var watchers: [ControlEventStream] = []
    var closedWatchers = 0
    var affected: [AccountSelection] = []
  }

  private let queue = DispatchQueue(label: "scripted-service")
  private let state = NIOLockedValueBox(State())
  private let names: [String]
  /// A shard that has lost a call.
  private let isSilent: Bool

  init(accounts count: Int, isSilent: Bool = false) {
    names = (0..<count).map { String(format: "user%05d", $0) }
    self.isSilent = isSilent
  }

  var watchers: [ControlEventStream] { state.withLockedValue { $0.watchers } }
  var closedWatchers: Int { state.withLockedValue { $0.closedWatchers } }
  var selections: [AccountSelection] { state.withLockedValue { $0.affected } }

  static func account(_ name: String) -> AccountReport {
    AccountReport(
      name: name, aor: "sip:\(name)@example.com", registrar: "sip:example.com", state: .registered,
      expiresAt: Timestamp(seconds: 1_764_000_600.25), expiresIn: 600, nextAction: "refresh",
      nextActionAt: Timestamp(seconds: 1_764_000_500), via: "sip:edge.example.net;lr",
      contact: "sip:\(name)@192.0.2.7", lastStatus: 200, lastReason: "OK")
  }

  func status(answer: @escaping ControlAnswer<DaemonStatus>) {
    guard !isSilent else { return }
    var counts = StateCounts()
    counts.registered = names.count
    let started = Timestamp(seconds: 1_764_000_000)
    let status = DaemonStatus(
      version: "0.0.1", ready: true, startedAt: started, uptimeSeconds: 60, counts: counts, shards: 1,
      store: StoreHealth(healthy: true, path: "/var/lib/sipregd/state.sqlite"), traffic: Traffic(),
      configurationPath: nil, configurationLoadedAt: started)
    queue.async { answer(.success(status)) }
  }

  func accounts(_ request: AccountPageRequest, answer: @escaping ControlAnswer<AccountPage>) {
    queue.async { [names] in
      let matcher = AccountMatcher(request.filter)
      let rest = names.drop { $0 <= request.after ?? "" }
      let page = rest.prefix(request.limit)
      let accounts = page.map(Self.account).filter { matcher.matches(name: $0.name, aor: $0.aor, state: $0.state) }
      answer(.success(AccountPage(accounts: accounts, next: page.count < rest.count ? page.last : nil)))
    }
  }

  func details(ofAccount name: String, answer: @escaping ControlAnswer<AccountDetails>) {
    guard names.contains(name) else { return answer(.failure(.noSuchAccount(name))) }
    let details = AccountDetails(
      account: Self.account(name), callID: "0b5e@example.com", cseq: 7, fromTag: "tag",
      routeSet: ["<sip:edge.example.net;lr>"], grantedExpirySeconds: 600,
      exchanges: [
        ExchangeReport(
          at: Timestamp(seconds: 1_764_000_000), method: "REGISTER", target: "192.0.2.20:5060", status: 200,
          outcome: "OK", roundTripMilliseconds: 3)
      ], explanation: ["All is well."])
    queue.async { answer(.success(details)) }
  }

  func refresh(_ selection: AccountSelection, wait: Int?, answer: @escaping ControlAnswer<RefreshReport>) {
    pause(selection) { result in
      answer(
        result.map { count in
          var report = RefreshReport()
          (report.affected, report.sent) = (count, count)
          if wait != nil { (report.refreshed, report.failed, report.open) = (count, 0, 0) }
          return report
        })
    }
  }

  func pause(_ selection: AccountSelection, answer: @escaping ControlAnswer<Int>) {
    state.withLockedValue { $0.affected.append(selection) }
    if let unknown = selection.names.first(where: { !names.contains($0) }) {
      return answer(.failure(.noSuchAccount(unknown)))
    }
    answer(.success(selection.all == true ? names.count : selection.names.count))
  }

  func resume(_ selection: AccountSelection, answer: @escaping ControlAnswer<Int>) {
    pause(selection, answer: answer)
    answer(.success(-1))  // A service that answers twice.
  }

  func reload(dryRun: Bool, answer: @escaping ControlAnswer<ReloadReport>) {
    queue.async {
      answer(
        dryRun ? .success(ReloadReport(added: ["new"])) : .failure(.reloadFailed(["sipregd.toml:3: unknown key"])))
    }
  }

  func watch(_ stream: ControlEventStream) {
    state.withLockedValue { $0.watchers.append(stream) }
    stream.onClose { [weak self] in self?.state.withLockedValue { $0.closedWatchers += 1 } }
  }
}

/// A server over a socket in a directory of its own, which go when the test is over.
final class ControlBench {
  let directory: String
  let path: String
  let service: ScriptedService
  private let server: ControlServer

  init(
    service: ScriptedService, permissions: ControlPermissions = .rootAndOwnUser, limits: ControlLimits = .init()
  ) throws {
    // Short, whatever TMPDIR is: a socket's path has at most 107 bytes.
    directory = "/tmp/sipregd-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    path = directory + "/run/control"
    self.service = service
    server = try ControlServer(
      path: path, service: service, version: "0.0.1", group: MultiThreadedEventLoopGroup.singleton,
      permissions: permissions, limits: limits)
    try server.start().wait()
  }

  func stop() throws { try server.stop().wait() }

  deinit {
    try? stop()
    try? FileManager.default.removeItem(atPath: directory)
  }
}

/// A blocking client that sees the bytes as they are.
final class RawClient {
  struct Closed: Error {}

  private let descriptor: Int32
  private var framer = VarlinkFramer(limit: VarlinkFramer.maximumReply)

  init(path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let descriptor = descriptor
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw Closed() }
    // A server that does not answer fails the test instead of holding it up.
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
  }

  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Waits until the server has closed, and reads nothing.
  func waitForHangUp() -> Bool {
    var entry = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&entry, 1, 60_000) == 1 && entry.revents & Int16(POLLHUP) != 0
  }

  /// The next message. Throws when the server has closed.
  func receive() throws -> [UInt8] {
    while true {
      if let frame = try framer.next() { return frame }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { throw Closed() }
      framer.append(buffer[..<count])
    }
  }

  func reply<Parameters>(_ type: Parameters.Type) throws -> ControlReply<Parameters> {
    try ControlReply<Parameters>.read(frame: try receive()).get()
  }

  func ask<Parameters>(_ call: ControlCall, more: Bool = false, _ type: Parameters.Type) throws
    -> ControlReply<Parameters>
  {
    send(call.frame(more: more))
    return try reply(type)
  }
}
