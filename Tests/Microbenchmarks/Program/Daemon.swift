import Dispatch
import Glibc
import RegistrationDaemon
import SIPTransaction
import SIPUserAgent

extension Benchmark {
  /// Set and fired again among a hundred thousand others.
  @Sendable static func timer(_ count: Int) throws -> () throws -> Void {
    var heap = DeadlineHeap()
    var state: UInt64 = 1
    func chance() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 24
    }
    func timer(_ number: Int) -> TimerID { TimerID(kind: .registration, slot: Int32(number), generation: 1) }
    for number in 0..<100_000 { heap.insert(timer(number), at: Instant(nanoseconds: chance())) }
    return {
      for number in 0..<count {
        heap.insert(timer(number), at: Instant(nanoseconds: chance()))
        precondition(heap.popDue(now: .distantFuture) != nil)
      }
    }
  }

  /// Records written, 1,000 in a batch.
  @Sendable static func store(_ count: Int) throws -> () throws -> Void {
    var template = Array("/tmp/sipregd-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let store = try StateStore.open(directory: path, notice: { _ in }, healthChanged: { _ in })
    var records: [StateChange] = []
    for number in 0..<1_000 {
      let record = RegistrationRecord(
        callID: "1f0e2d3c-4b5a-4697-8899-\(100_000_000_000 + number)@bench.invalid", fromTag: "a1b2c3d4e5f60718",
        cSeqCeiling: 4711)
      records.append(
        .record(name: .text("user\(number) sip:user\(number)@bench.invalid sip:bench.invalid"), record))
    }
    let batch = records
    return {
      for _ in stride(from: 0, to: count, by: batch.count) {
        let isWritten = DispatchSemaphore(value: 0)
        store.save(batch) { isWritten.signal() }
        isWritten.wait()
      }
      store.close()
      for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] { unlink("\(path)/\(name)") }
      rmdir(path)
    }
  }
}
