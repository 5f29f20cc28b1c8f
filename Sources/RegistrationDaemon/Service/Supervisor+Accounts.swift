import Dispatch
import RegistrationControl
import RegistrationRecords
import SIPUserAgent
import ShardCore

/// Accounts come and go, a chunk at a time: between two of them a shard has its turn with what is due.
extension Supervisor {
  private static var chunk: Int { 1024 }

  /// At the start: every account goes on from its record, if there is one.
  ///
  /// Records are handed on as they are read, so that shards work meanwhile and nobody holds a million of them.
  func resume(_ accounts: [Account]) async {
    let places = await assignPlaces(accounts)
    var isResumed = [Bool](repeating: false, count: accounts.count)
    var orphans: [String] = []
    var waiting = [[RestoredAccount]](repeating: [], count: shards.count)
    var next = 0
    var room: [UInt8] = []
    let reserved = store.beginSeries()
    let gate = Gate(shards, reserved: reserved)
    store.load { (key: String, record: consuming RegistrationRecord) in
      // Records come in the order of their keys, and most files have the accounts in it, too.
      let isNext = next < accounts.count && accounts[next].isStored(under: key, &room)
      guard let position = isNext ? next : directory.position(ofStoreKey: key),
        isNext || accounts[position].isStored(under: key, &room)
      else {
        orphans.append(key)
        return
      }
      next = position + 1
      isResumed[position] = true
      let place = places[position]
      waiting[Int(place.shard)].append(RestoredAccount(id: place.id, account: accounts[position], record: record))
      if waiting[Int(place.shard)].count == Self.chunk {
        gate.hand(waiting[Int(place.shard)], to: Int(place.shard))
        waiting[Int(place.shard)] = []
      }
    }
    for (shard, restored) in zip(shards, waiting) { await shard.handle(.restore(restored, reserved: reserved)) }
    let others = zip(accounts, places).enumerated().filter { !isResumed[$0.offset] }.map(\.element)
    await takeIn(others.map(\.0), at: others.map(\.1))
    guard !orphans.isEmpty else { return }
    log.write(.notice, "forgot the state of \(SpokenNumber.counted(orphans.count, "account")) no longer configured")
    store.forget(orphans)
  }

  /// While others are at work.
  func takeIn(_ accounts: [Account]) async { await takeIn(accounts, at: assignPlaces(accounts)) }

  /// Accounts without a record.
  private func takeIn(_ accounts: [Account], at places: [Directory.Place]) async {
    guard !accounts.isEmpty else { return }
    let origin = await store.makeOrigin()
    var arrivals = [[Arrival]](repeating: [], count: shards.count)
    for (account, place) in zip(accounts, places) {
      arrivals[Int(place.shard)].append(Arrival(id: place.id, account: account))
    }
    for (shard, arrivals) in zip(shards, arrivals) { await add(arrivals, to: shard, from: origin) }
  }

  /// Accounts that are what they were, otherwise configured.
  func change(_ accounts: [Account]) async {
    var changes = [[Arrival]](repeating: [], count: shards.count)
    for account in accounts {
      guard let place = directory[account.name] else { continue }
      changes[Int(place.shard)].append(Arrival(id: place.id, account: account))
    }
    for (shard, changes) in zip(shards, changes) {
      for start in stride(from: 0, to: changes.count, by: Self.chunk) {
        await shard.handle(.change(Array(changes[start...].prefix(Self.chunk))))
      }
    }
  }

  func takeOut(_ names: [String]) async {
    var ids = [[AccountID]](repeating: [], count: shards.count)
    for name in names { if let place = directory.remove(name) { ids[Int(place.shard)].append(place.id) } }
    for (shard, ids) in zip(shards, ids) {
      for start in stride(from: 0, to: ids.count, by: Self.chunk) {
        await shard.handle(.remove(Array(ids[start...].prefix(Self.chunk))))
      }
    }
  }

  /// In the order of the accounts; the directory knows them from here on.
  private func assignPlaces(_ accounts: [Account]) async -> [Directory.Place] {
    let indexes = accounts.map { Directory.shard(of: $0.name, among: shards.count) }
    var ids: [ArraySlice<AccountID>] = []
    for index in shards.indices { ids.append(await shards[index].reserve(indexes.count { $0 == index })[...]) }
    directory.reserve(accounts.count)
    return zip(accounts, indexes).map { account, index in
      let place = Directory.Place(shard: index, id: ids[index].removeFirst())
      directory.insert(account.name, place)
      return place
    }
  }

  private func add(_ arrivals: [Arrival], to shard: Shard, from origin: IdentityOrigin?) async {
    for start in stride(from: 0, to: arrivals.count, by: Self.chunk) {
      await shard.handle(.add(Array(arrivals[start...].prefix(Self.chunk)), from: origin))
    }
  }
}

/// Hands accounts to the shards from the queue that reads their records, and waits when a shard does not keep up.
private struct Gate: Sendable {
  private let shards: [Shard]
  private let reserved: UInt32
  private let room = DispatchSemaphore(value: 16)

  init(_ shards: [Shard], reserved: UInt32) {
    self.shards = shards
    self.reserved = reserved
  }

  func hand(_ restored: [RestoredAccount], to index: Int) {
    let (shard, reserved, room) = (shards[index], reserved, room)
    room.wait()
    shard.executor.queue.async {
      shard.assumeIsolated { $0.handle(.restore(restored, reserved: reserved)) }
      room.signal()
    }
  }
}
