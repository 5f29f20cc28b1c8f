import RegistrationControl
import SIPMessage
import ShardCore

/// What operators are told of what a shard has counted.
extension Traffic {
  mutating func add(_ summary: ShardSummary) {
    let answers = summary.registrations.answers
    transactionsStarted += summary.transactions.requestsSent
    transactionsSucceeded += answers.successes
    transactionsTimedOut += summary.transactions.timeouts
    transactionsUnderWay += summary.underWay
    retransmissions += summary.transactions.retransmissions
    answersGood += answers.successes
    answersChallenges += answers.challenges
    answersAdjustments += answers.adjustments
    answersRedirects += answers.redirects
    answersTargetFailures += answers.targetFailures
    answersTemporary += answers.temporaryFailures
    answersRefused += answers.refusals
    transactionsRefused = self.answers - answersGood
    messagesSent += Int(summary.transport.datagramsOut + summary.transport.streamMessagesOut)
    messagesReceived += Int(summary.transport.datagramsIn + summary.transport.streamMessagesIn)
    drop(Int(summary.transport.datagramsDropped), "not received whole")
    drop(summary.registrations.malformedMessages, "no SIP messages")
    drop(summary.transactions.discarded.total, "defective responses")
    drop(summary.registrations.droppedRequests, "requests that can not be answered")
    drop(summary.transactions.strayResponses, "responses to no request of ours")
    requestsReceived += summary.transactions.requestsReceived
    // What the transport withheld has been answered as far as the agent knows.
    requestsAnswered += max(0, summary.registrations.answeredRequests - Int(summary.transport.answersWithheld))
    callsReceived += summary.registrations.requests.invites
    answersWithheld += Int(summary.transport.answersWithheld)
    connectionsClosed += Int(summary.transport.connectionsClosed)
    flaws = Flaw.allCases.compactMap { flaw in
      let former = flaws.first { $0.name == flaw.name }
      let ignored = summary.transactions.ignored[flaw] + summary.registrations.ignored[flaw] + (former?.ignored ?? 0)
      let dropped = summary.transactions.discarded[flaw] + summary.registrations.dropped[flaw] + (former?.dropped ?? 0)
      return ignored + dropped > 0 ? FlawCount(name: flaw.name, ignored: ignored, dropped: dropped) : nil
    }
  }
}
