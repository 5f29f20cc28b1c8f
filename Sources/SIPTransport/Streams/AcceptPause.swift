import Glibc
import NIOCore

/// Lets a listening socket rest when the system has no descriptor or memory for a connection that waits.
///
/// The connection stays in the kernel's queue, which would say so again and again: without a pause that takes a whole
/// processor until something is closed.
package final class AcceptPause: ChannelInboundHandler {
  package typealias InboundIn = any Channel

  private static let length = TimeAmount.milliseconds(500)
  private static let shortages = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

  package init() {}

  package func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let shortage = error as? IOError, Self.shortages.contains(shortage.errnoCode) else {
      return context.fireErrorCaught(error)
    }
    let channel = context.channel
    // Neither can fail but on a channel that is closed, and then there is nothing left to pause.
    channel.setOption(.autoRead, value: false).whenSuccess {
      channel.eventLoop.scheduleTask(in: Self.length) { channel.setOption(.autoRead, value: true) }
    }
  }
}
