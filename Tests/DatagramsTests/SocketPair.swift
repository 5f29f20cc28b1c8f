import Glibc

@testable import Datagrams

/// Two sockets on loopback addresses, and the room to send through one of them and to read from the other.
struct SocketPair: ~Copyable {
  let sender: DatagramSocket
  let receiver: DatagramSocket
  var writer: DatagramWriter
  var reader: DatagramReader

  init(v6: Bool = false, joining: (sender: Bool, receiver: Bool) = (true, true)) throws {
    let loopback: DatagramAddress = v6 ? .v6(0, 1, port: 0) : .v4(0x7F00_0001, port: 0)
    let sender = try DatagramSocket(boundTo: loopback, joining: joining.sender)
    let receiver = try DatagramSocket(boundTo: loopback, joining: joining.receiver)
    (self.sender, self.receiver) = (sender, receiver)
    writer = DatagramWriter()
    reader = DatagramReader()
    // What is lost is missing, and not waited for.
    var patience = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(receiver.descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit {
    sender.close()
    receiver.close()
  }

  static func content(_ index: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: 65 &+ index &* 7 &+ $0) | 1 }
  }

  mutating func send(_ sizes: [Int]) -> DatagramWriter.Outcome {
    let receiver = receiver.address
    return send(sizes.enumerated().map { (Self.content($0, $1), receiver) })
  }

  mutating func send(_ datagrams: [(bytes: [UInt8], address: DatagramAddress)]) -> DatagramWriter.Outcome {
    writer.write(datagrams.count, to: sender) { $0.add(datagrams[$1].bytes, to: datagrams[$1].address) }
  }

  /// What the last read brought and nobody has taken.
  mutating func rest() -> [[UInt8]] {
    var all: [[UInt8]] = []
    while let (bytes, source) = reader.next() {
      precondition(source == sender.address)
      all.append(bytes)
    }
    return all
  }

  /// As many datagrams, in however many reads.
  mutating func receive(_ count: Int) -> [[UInt8]] {
    var all: [[UInt8]] = []
    while all.count < count {
      reader.read(from: receiver)
      guard reader.filled > 0 else { break }
      all += rest()
    }
    return all
  }
}
