import Glibc

/// Whether the system lets this process have the threads that it needs. Dispatch waits for ever for a thread that it
/// does not get, and NIO traps: neither says what is missing.
package enum ThreadSupply {
  /// Without the event loops: one for each processor that Swift's tasks run on, and those of Dispatch, for its queues
  /// (state, configuration, names, signals, the operator) and its own housekeeping.
  package static var base: Int { max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) + 8 }

  /// For so many shards: an event loop, a reader of datagrams and a queue each, and the operator's loop.
  static func shards(_ count: Int) -> Int { 3 * count + 1 }

  /// Makes so many threads at once and ends them again.
  ///
  /// - Returns: in words, what is missing; nil: nothing.
  package static func shortage(of count: Int) -> String? {
    // Where it stays: the threads keep a pointer to it.
    let barrier = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    pthread_mutex_init(barrier, nil)
    defer {
      pthread_mutex_destroy(barrier)
      barrier.deallocate()
    }
    pthread_mutex_lock(barrier)
    var threads: [pthread_t] = []
    var code: Int32 = 0
    while threads.count < count, code == 0 {
      var thread = pthread_t()
      code = pthread_create(
        &thread, nil,
        { barrier in
          let barrier = barrier?.assumingMemoryBound(to: pthread_mutex_t.self)
          if let barrier {
            pthread_mutex_lock(barrier)
            pthread_mutex_unlock(barrier)
          }
          return nil
        }, barrier)
      if code == 0 { threads.append(thread) }
    }
    pthread_mutex_unlock(barrier)
    for thread in threads { pthread_join(thread, nil) }
    guard code != 0 else { return nil }
    return
      "it needs \(count) threads beside the first and gets \(threads.count) (\(String(cString: strerror(code)))); "
      + "see TasksMax= of the unit, and `ulimit -u`"
  }
}
