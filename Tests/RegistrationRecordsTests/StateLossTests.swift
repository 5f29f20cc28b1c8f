import Foundation
import SIPUserAgent
import Scratch
import Testing

@testable import RegistrationRecords

/// The state goes away under a process that has it open.
@Suite struct StateLossTests {
  let scratch: ScratchDirectory
  let told = Told()

  init() throws { scratch = try ScratchDirectory() }

  private static let reserved: UInt32 = 17
  private let record = RegistrationRecord(callID: "a@example.com", fromTag: "t", cSeqCeiling: Self.reserved)

  private var path: String { scratch.file("state") }

  struct Loss: CustomTestStringConvertible {
    let testDescription: String
    /// In the directory of the state.
    let harm: @Sendable (_ path: String) throws -> Void

    init(_ description: String, _ harm: @escaping @Sendable (String) throws -> Void) {
      (testDescription, self.harm) = (description, harm)
    }
  }

  static let losses = [
    Loss("the file is removed") { try FileManager.default.removeItem(atPath: "\($0)/state.sqlite") },
    Loss("the log is removed") { try FileManager.default.removeItem(atPath: "\($0)/state.sqlite-wal") },
    Loss("the directory is removed") { try FileManager.default.removeItem(atPath: $0) },
    Loss("the directory is renamed") { try FileManager.default.moveItem(atPath: $0, toPath: "\($0).old") },
    Loss("another file is in its place") { path in
      for name in ["state.sqlite", "state.sqlite-wal"] { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }
      try StateStore.open(
        directory: "\(path)/../other", observer: StoreObserver(notice: { _ in }, healthChanged: { _ in })
      ).close()
      try FileManager.default.copyItem(atPath: "\(path)/../other/state.sqlite", toPath: "\(path)/state.sqlite")
    },
    Loss("another directory is in its place") { path in
      try FileManager.default.moveItem(atPath: path, toPath: "\(path).old")
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    },
  ]

  @Test(arguments: losses) func whatIsLostIsWrittenAnewFromMemory(loss: Loss) async throws {
    let store = try told.open(path)
    await store.saved([.record(name: .text("alice"), record), .record(name: .text("bob"), record)])
    #expect(await store.lookNow() == nil)
    try loss.harm(path)

    let number = try #require(await store.lookNow())
    guard case .degraded? = told.health.first, case .incomplete(number, _)? = told.health.last else {
      Issue.record("\(told.health)")
      return
    }
    // What comes meanwhile is written, and does not make it whole.
    await store.saved([.record(name: .text("alice"), record)])
    #expect(told.health.last != .good)
    await store.saved([.record(name: .text("bob"), record)])
    store.complete(number)
    #expect(await store.lookNow() == nil)
    #expect(told.health.last == .good)
    store.close()
    #expect(try told.open(path).records == ["alice": record, "bob": record])
  }

  @Test func aSecondLossWhileTheFirstIsFilledIsFilledToo() async throws {
    let store = try told.open(path)
    await store.saved([.record(name: .text("alice"), record)])
    try FileManager.default.removeItem(atPath: path)
    let first = try #require(await store.lookNow())
    try FileManager.default.removeItem(atPath: path)
    let second = try #require(await store.lookNow())
    #expect(second != first)
    // Half of it went into the file that is gone.
    store.complete(first)
    #expect(await store.lookNow() == second)
    store.complete(second)
    #expect(await store.lookNow() == nil)
    #expect(told.health.last == .good)
    store.close()
  }

  @Test func aDirectoryThatCannotBeMadeAgainIsMissedUntilItIsThere() async throws {
    let parent = scratch.file("parent")
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
    let store = try told.open("\(parent)/state", retryInterval: .milliseconds(5))
    await store.saved([.record(name: .text("alice"), record)])
    try FileManager.default.removeItem(atPath: parent)
    #expect(await store.lookNow() == nil)
    guard case .degraded? = told.health.last else {
      Issue.record("\(told.health)")
      return
    }
    await store.saved([.record(name: .text("alice"), record)])
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: false)
    var loss: Int?
    while loss == nil { loss = await store.lookNow() }
    store.complete(try #require(loss))
    #expect(await store.lookNow() == nil)
    store.close()
    #expect(try told.open("\(parent)/state").records == ["alice": record])
  }

  @Test(.timeLimit(.minutes(1))) func theStoreLooksByItself() async throws {
    let store = try StateStore.open(
      directory: path, lookInterval: .milliseconds(5),
      observer: StoreObserver(notice: { _ in }, healthChanged: told.note))
    await store.saved([.record(name: .text("alice"), record)])
    try FileManager.default.removeItem(atPath: "\(path)/state.sqlite")
    while told.health.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
    store.close()
  }
}
