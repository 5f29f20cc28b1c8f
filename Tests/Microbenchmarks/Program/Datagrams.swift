import Datagrams

extension Benchmark {
  /// A datagram goes through two sockets of this host among 64 of two sizes, on one thread.
  @Sendable static func datagram(_ count: Int) throws -> () throws -> Void {
    let loopback = DatagramAddress.v4(0x7F00_0001, port: 0)
    let (sender, receiver) = (try DatagramSocket(boundTo: loopback), try DatagramSocket(boundTo: loopback))
    let batch = (0..<64).map { [UInt8](repeating: 65, count: $0 < 32 ? 743 : 600) }
    return {
      var writer = DatagramWriter()
      var reader = DatagramReader()
      for _ in 0..<(count + 63) / 64 {
        let outcome = writer.write(batch.count, to: sender) { $0.add(batch[$1], to: receiver.address) }
        precondition(outcome.sent == batch.count)
        var arrived = 0
        while arrived < batch.count {
          reader.read(from: receiver)
          while let (bytes, source) = reader.next() {
            precondition(bytes.count >= 600 && source == sender.address)
            arrived += 1
          }
        }
      }
    }
  }
}
