import SIPMessage

/// A crowd whose only proxy goes away for two hours, until nobody is bound, and comes back.
struct CrowdReturn {
  private let count: Int
  private let askedMeanwhile: Int
  private let mostAtOnce: Int
  private let back: Duration?
  private let busiest: Int

  init(of count: Int) throws {
    self.count = count
    var crowd = try Crowd(count, proxies: ["p1.test"], expires: 3600)
    crowd.alive = [1]
    crowd.run(for: .seconds(600)) { $0.registered == $0.count }
    crowd.alive = []
    crowd.run(for: .seconds(7200))
    crowd.mostOpen = 0
    crowd.forgetStarts()
    crowd.run(for: .seconds(600))
    askedMeanwhile = crowd.starts.values.reduce(0, +)
    mostAtOnce = crowd.mostOpen
    crowd.alive = [1]
    crowd.forgetStarts()
    let healed = crowd.now
    crowd.run(for: .seconds(600)) { $0.registered == $0.count }
    back = crowd.registered == count ? crowd.now - healed : nil
    busiest = crowd.busiestSecond(since: healed)
  }

  var words: String {
    "\(count) accounts, a proxy that is gone for two hours: \(askedMeanwhile) transactions in 10 min, \(mostAtOnce) at once; "
      + "all back \(back.map { "\($0.wholeSeconds) s" } ?? "more than 600 s") after its return, at \(busiest)/s at most"
  }

  var complaints: [String] {
    var found: [String] = []
    // One transaction each Timer F.
    if askedMeanwhile > 600 / 32 + 1 { found.append("\(askedMeanwhile) transactions towards a dead proxy in 10 min") }
    if mostAtOnce > 1 { found.append("\(mostAtOnce) transactions at once towards a dead proxy") }
    if back == nil { found.append("not everybody is back after 10 min") }
    if busiest > 330 { found.append("\(busiest) REGISTERs in one second") }
    return found
  }
}
