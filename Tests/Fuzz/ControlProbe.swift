import RegistrationControl

/// What comes over the control socket, to the daemon and to a program that asks it.
enum ControlProbe {
  static func run(_ bytes: [UInt8]) {
    let whole = frames([bytes[...]])
    let cut = bytes.count / 2
    precondition(frames([bytes[..<cut], bytes[cut...]]) == whole, "a cut changes the framing")
    for frame in whole {
      call(frame)
      replies(frame)
    }
  }

  private static func frames(_ parts: [ArraySlice<UInt8>]) -> [[UInt8]] {
    var framer = VarlinkFramer(limit: 4_096)
    var frames: [[UInt8]] = []
    for part in parts {
      framer.append(part)
      while let frame = try? framer.next() { frames.append(frame) }
    }
    return frames
  }

  /// A call or an error that can be read can be written.
  private static func call(_ frame: [UInt8]) {
    guard let request = try? ControlRequest(frame: frame) else { return }
    switch request.call {
    case .success(let call):
      precondition(
        (try? ControlRequest(frame: call.frame().dropLast()))?.call == .success(call), "\(call) is not read back")
    case .failure(let error):
      precondition(
        (try? VarlinkMessage(frame: error.frame.dropLast())).flatMap { try? ControlError(reply: $0) } == error,
        "\(error) is not read back")
    }
  }

  /// Whatever the daemon says can be printed, without a control character.
  private static func replies(_ frame: [UInt8]) {
    let now = Timestamp(milliseconds: 1_800_000_000_000)
    let palette = Palette(isColoured: false)
    var printed: [String] = []
    if let reply = try? ControlReply<ListReply>.read(frame: frame).get() {
      precondition((try? ControlReply<ListReply>.read(frame: reply.frame.dropLast())) != nil, "a list is not read back")
      printed.append(AccountTable.rendered(reply.parameters.accounts, now: now, palette: palette, width: 80))
    }
    if let reply = try? ControlReply<ShowReply>.read(frame: frame).get() {
      printed.append(AccountSheet.show(reply.parameters.details, now: now, palette: palette))
      printed.append(AccountSheet.explain(reply.parameters.details, now: now, palette: palette, width: 80))
    }
    if let reply = try? ControlReply<StatusReply>.read(frame: frame).get() {
      precondition((try? ControlReply<StatusReply>.read(frame: reply.frame.dropLast())) != nil, "no status again")
      printed.append(StatusSummary.rendered(reply.parameters.status, now: now, palette: palette))
    }
    if let reply = try? ControlReply<WatchReply>.read(frame: frame).get() {
      printed.append(EventLine.rendered(reply.parameters.event, clock: "09:00:00.000", palette: palette))
    }
    for text in printed {
      let lines = text.split(separator: "\n").joined()
      precondition(PlainText.neutralised(lines) == lines, "a control character is printed")
    }
  }
}
