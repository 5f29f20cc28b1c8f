/// Whether a stream is still in step with the messages in it.
extension Span<UInt8> {
  /// Whether a line may begin a message: it is read as a Request-Line or a Status-Line (RFC 3261 §7.1, §7.2), whatever is
  /// wrong with its parts. Anything else is the rest of a message that ended too soon, or has another one in it.
  var beginsMessage: Bool {
    if count >= 8, extracting(0..<8).equalsIgnoringCase("SIP/2.0 ") { return !hasStatusLine(behind: 8) }
    let methodEnd = token(from: 0)
    guard methodEnd > 0, contains(0x20, at: methodEnd) else { return false }
    var end = count
    while self[end - 1] == 0x20 { end -= 1 }
    var start = end
    while start > 0, self[start - 1] != 0x20 { start -= 1 }
    return start > methodEnd && end - start > 4 && extracting(start..<(start + 4)).equalsIgnoringCase("SIP/")
  }

  private func hasStatusLine(behind start: Int) -> Bool {
    var index = start
    while index + 8 <= count {
      if extracting(index..<(index + 8)).equalsIgnoringCase("SIP/2.0 ") { return true }
      index += 1
    }
    return false
  }
}
