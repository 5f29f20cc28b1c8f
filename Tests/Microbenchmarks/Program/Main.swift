import AllocationCounter
import Glibc

/// `microbenchmarks NAME COUNT` does the same so many times and prints how often that allocated memory. Instructions
/// are counted from outside, by the difference between two counts; see Tests/Microbenchmarks/measure.
@main struct Main {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count == 2, let name = arguments.first, let count = arguments.last.flatMap({ Int($0) }),
      let prepare = Benchmark.all[name]
    else {
      print(Benchmark.all.keys.sorted().joined(separator: "\n"))
      return
    }
    let run = try prepare(count)
    let before = allocation_count()
    try run()
    print(allocation_count() - before)
  }
}

enum Benchmark {
  /// What is to be done so many times, made ready.
  typealias Preparation = @Sendable (_ count: Int) throws -> () throws -> Void

  static let all: [String: Preparation] = [
    "parse": parse, "serialise": serialise, "transaction": transaction, "timer": timer,
    "registration": { try registrations($0, hasPassword: true) }, "refresh": { try refreshes($0, hasPassword: true) },
    "refresh-without-digest": { try refreshes($0, hasPassword: false) }, "store": store,
    "refresh-in-shard": { try refreshes($0, hasPassword: true, inShard: true) },
    "arrival": arrival, "datagram": datagram,
  ]
}
