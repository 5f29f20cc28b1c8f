/// What is said of the flow that a binding is held over: whether a call can come that way, and what keeps it open.
extension Situation {
  package struct Flow: Sendable, Equatable {
    package enum Method: Sendable { case stun, ping, lineEnds, pingUnanswered }

    package var method: Method
    /// Each interval is drawn between these.
    package var shortest: Duration
    package var longest: Duration
    /// How long ago; nil: none came yet, or nobody answers.
    package var lastAnswer: Duration?
    /// The edge sends what is for us over it (RFC 5626 §5.3).
    package var carriesCalls: Bool
    /// It holds nothing any more.
    package var hasFailed: Bool

    package init(
      method: Method, shortest: Duration, longest: Duration, lastAnswer: Duration? = nil, carriesCalls: Bool = false,
      hasFailed: Bool = false
    ) {
      self.method = method
      self.shortest = shortest
      self.longest = longest
      self.lastAnswer = lastAnswer
      self.carriesCalls = carriesCalls
      self.hasFailed = hasFailed
    }

    /// "24 to 29 s", "8 min to 10 min"
    private var range: String {
      let seconds = (shortest.components.seconds, longest.components.seconds)
      return seconds.1 <= 120
        ? "\(seconds.0) to \(seconds.1) s" : "\(SpokenTime.words(shortest)) to \(SpokenTime.words(longest))"
    }

    /// "kept open every 24 to 29 s by STUN; last answer 3 s ago"
    package var words: String {
      if hasFailed { return "failed: nothing is held over it until a REGISTER is accepted again" }
      let interval = "kept open every \(range)"
      let answer = lastAnswer.map { "last answer \(SpokenTime.words($0)) ago" } ?? "no answer yet"
      return switch method {
      case .stun: "\(interval) by STUN; \(answer)"
      case .ping: "\(interval) by pings; \(answer)"
      case .lineEnds: "\(interval) by line ends, which nobody answers: its end shows at the next refresh"
      case .pingUnanswered: "\(interval) by pings, which nobody answers"
      }
    }
  }

  private var isCarried: Bool { flow?.carriesCalls == true && flow?.hasFailed == false }

  /// What speaks against calls reaching this account, one thought each; none: it is reachable, as far as is known.
  var doubts: [String] {
    guard binding != nil else { return [] }
    var doubts: [String] = []
    if flow?.hasFailed == true {
      doubts.append("the flow that holds the binding has failed, and the account registers anew")
    }
    if let obstacle, !isCarried { doubts.append(obstacle.words(flow)) }
    if let forgottenBy {
      doubts.append("the registrar sees us at \(forgottenBy), and nothing keeps the NAT open: \(off)")
    }
    return doubts
  }

  private var off: String { "`keepalive = \"off\"`" }

  /// What is as it should be of the flow.
  var assurance: String? {
    guard let flow, !flow.hasFailed, binding != nil else { return nil }
    guard let obstacle else { return "its flow is \(flow.words)" }
    return isCarried ? "\(obstacle.difference): the edge keeps calls on this flow (\(flow.words))" : nil
  }
}

extension Situation.Obstacle {
  var difference: String { "the registrar sees us at \(seenFrom), and our Contact says \(contact)" }

  fileprivate func words(_ flow: Situation.Flow?) -> String { difference + limit(flow) + advice }

  /// Where a name leads is not known here.
  private func limit(_ flow: Situation.Flow?) -> String {
    guard let flow, !flow.hasFailed else {
      return isAddress ? ": calls will not come, unless the registrar sends them to where it sees us" : ""
    }
    let open = "the flow is \(flow.words)"
    return isAddress
      ? ": calls come only if the registrar sends them to where it sees us (\(open))" : " (\(open))"
  }

  private var advice: String {
    switch remedy {
    case .none: ""
    case .rewriteContact: "; `contact_rewrite = true` would follow it"
    }
  }
}
