import SIPMessage
import SIPUserAgent

/// The deadlines of a shard, earliest first: a 4-ary heap of 24 bytes a timer and one an account, where a Dispatch source
/// of its own would take 450. A timer that was set again stays in it until it comes up or until `removeStale` comes by.
package struct DeadlineHeap: Sendable {
  package struct Entry: Sendable {
    package var deadline: Instant
    package var timer: TimerID
  }

  /// Below it room is not worth giving back.
  private static let leastCapacity = 1024

  private var entries: [Entry] = []
  /// The last byte of the generation that was set last, of each account: what is older means nothing any more. To ask
  /// the accounts would be a walk through their memory.
  private var latest: [UInt8] = []
  /// Where `removeStale` goes on.
  private var looked = 0

  package init() {}

  package var count: Int { entries.count }
  var capacity: Int { entries.capacity }
  package var first: Entry? { entries.first }

  /// Makes room for so many in all, and no more than that.
  package mutating func reserve(_ count: Int) { entries.reserveCapacity(count) }

  package mutating func insert(_ timer: TimerID, at deadline: Instant) {
    if timer.kind == .registration { note(timer) }
    entries.append(Entry(deadline: deadline, timer: timer))
    siftUp(entries.count - 1)
  }

  private mutating func note(_ timer: TimerID) {
    let slot = Int(timer.slot)
    if latest.count <= slot { latest += repeatElement(0, count: slot + 1 - latest.count) }
    latest[slot] = UInt8(truncatingIfNeeded: timer.generation)
  }

  /// The account is gone, and its last timer with it.
  mutating func forget(_ slot: Int) {
    // Half a turn away: none of its last 127 timers has this byte.
    if latest.indices.contains(slot) { latest[slot] &+= 128 }
  }

  /// The earliest that is due, taken out.
  package mutating func popDue(now: Instant) -> TimerID? {
    guard let first = entries.first, first.deadline <= now else { return nil }
    let last = entries.removeLast()
    if !entries.isEmpty {
      entries[0] = last
      siftDown(0)
    }
    shrink()
    return first.timer
  }

  /// Looks at so many, the next ones after those of the last time, and takes out what means nothing any more: to look at
  /// a million at once would keep others waiting. Of the timers of an account the latest stays, armed or not, and so
  /// does one in 256 of those before it.
  package mutating func removeStale(among count: Int, _ isArmed: (TimerID) -> Bool) {
    for _ in 0..<min(count, entries.count) {
      if looked >= entries.count { looked = 0 }
      let timer = entries[looked].timer
      let isKept =
        timer.kind == .registration
        ? latest[Int(timer.slot)] == UInt8(truncatingIfNeeded: timer.generation) : isArmed(timer)
      if isKept { looked += 1 } else { remove(at: looked) }
    }
    shrink()
  }

  private mutating func remove(at index: Int) {
    let last = entries.removeLast()
    guard index < entries.count else { return }
    entries[index] = last
    siftDown(index)
    siftUp(index)
  }

  /// A burst leaves no room behind that nobody needs: three quarters of it are free at most.
  private mutating func shrink() {
    guard entries.capacity > Self.leastCapacity, entries.count < entries.capacity / 4 else { return }
    var smaller: [Entry] = []
    smaller.reserveCapacity(2 * entries.count)
    smaller += entries
    entries = smaller
  }

  // Half of the instructions of a timer are in these two: hence the plain numbers, as the operators of `Instant` are
  // calls, and the buffer without checks.

  private mutating func siftUp(_ start: Int) {
    unsafe entries.withUnsafeMutableBufferPointer { entries in
      var index = start
      let entry = unsafe entries[index]
      while index > 0 {
        let parent = (index - 1) / 4
        guard unsafe entry.deadline.nanoseconds < entries[parent].deadline.nanoseconds else { break }
        unsafe entries[index] = entries[parent]
        index = parent
      }
      unsafe entries[index] = entry
    }
  }

  private mutating func siftDown(_ start: Int) {
    unsafe entries.withUnsafeMutableBufferPointer { entries in
      var index = start
      let entry = unsafe entries[index]
      while 4 * index + 1 < entries.count {
        var child = 4 * index + 1
        var earliest = unsafe entries[child].deadline.nanoseconds
        for other in child + 1..<min(child + 4, entries.count)
        where unsafe entries[other].deadline.nanoseconds < earliest {
          unsafe (child, earliest) = (other, entries[other].deadline.nanoseconds)
        }
        guard earliest < entry.deadline.nanoseconds else { break }
        unsafe entries[index] = entries[child]
        index = child
      }
      unsafe entries[index] = entry
    }
  }
}
