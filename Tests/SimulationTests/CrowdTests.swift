import SIPMessage
import SIPUserAgent
import Testing

@testable import Simulation

/// What many accounts do to a proxy they share, in virtual time.
@Suite struct CrowdTests {
  @Test func aProxyThatWasNeverThereIsAskedByOneAccountAtATime() throws {
    var crowd = try Crowd(20_000, proxies: ["p1.test"], expires: 3600)
    // It may be that one account only which is not answered: some ask beside it before it counts as known.
    crowd.run(for: .seconds(66))
    #expect(crowd.mostOpen <= 32)
    #expect(crowd.starts.values.reduce(0, +) <= 32 + 1)
    (crowd.mostOpen, crowd.starts) = (0, [:])
    crowd.run(for: .seconds(600))
    #expect(crowd.mostOpen == 1)
    // A transaction of 11 datagrams each Timer F.
    #expect(crowd.starts.values.reduce(0, +) <= 600 / 32 + 1)
    #expect(crowd.hopReports == [.silent(.timedOut)])
  }

  @Test func aCrowdIsBackSoonAfterItsProxyAndNoFasterThanConfigured() throws {
    let crowdReturn = try CrowdReturn(of: 3_000)
    print(crowdReturn.words)
    #expect(crowdReturn.complaints == [])
  }

  /// When the proxy returns, for one account: after 100 s within 35 s, after an hour within 60 s.
  @Test(arguments: [(100, 35), (3600, 60)]) func aSingleAccountIsBackSoon(outage: Int, bound: Int) throws {
    var worst: Duration = .zero
    for offset in stride(from: 0, to: 64, by: 3) {
      var crowd = try Crowd(1, proxies: ["p1.test"], expires: 60)
      crowd.alive = [1]
      crowd.run(for: .seconds(300 + offset))
      crowd.alive = []
      crowd.run(for: .seconds(outage))
      crowd.alive = [1]
      let healed = crowd.now
      crowd.run(for: .seconds(bound)) { $0.isRegistered(since: healed) }
      #expect(crowd.isRegistered(since: healed), "offset \(offset)")
      worst = max(worst, crowd.now - healed)
    }
    print("after an outage of \(outage) s one account is back within \(worst.wholeNanoseconds / 1_000_000) ms")
  }

  @Test func whenAProxyDiesTheOthersGoElsewhereAtOnceAndComeBackLater() throws {
    var crowd = try Crowd(500, proxies: ["p1.test", "p2.test"], expires: 600)
    crowd.alive = [1, 2]
    crowd.run(for: .seconds(60)) { $0.registered == $0.count }
    #expect(crowd.boundAt.values.allSatisfy { $0 == 1 })
    crowd.alive = [2]
    crowd.run(for: .seconds(900))
    #expect(crowd.registered == crowd.count)
    #expect(crowd.boundAt.values.allSatisfy { $0 == 2 })
    #expect(crowd.lapses == 0)
    crowd.alive = [1, 2]
    let healed = crowd.now
    crowd.run(for: .seconds(900)) { $0.boundAt.values.allSatisfy { $0 == 1 } }
    #expect(crowd.boundAt.values.allSatisfy { $0 == 1 })
    // The probe, then the hysteresis, then all of them.
    #expect(crowd.now - healed >= .seconds(120))
    #expect(crowd.lapses == 0)
    crowd.run(for: .seconds(1800))
    #expect(crowd.lapses == 0)
  }

  @Test func whoWaitsToHearOfAProxyThatIsNotThereGoesElsewhere() throws {
    var crowd = try Crowd(500, proxies: ["p1.test", "p2.test"], expires: 600)
    crowd.alive = [2]
    let began = crowd.now
    crowd.run(for: .seconds(60)) { $0.registered == $0.count }
    // A Timer F until it is known, then at the rate of first registrations.
    #expect(crowd.registered == crowd.count)
    #expect(crowd.busiestSecond(since: began) <= 310)
    #expect(crowd.boundAt.values.allSatisfy { $0 == 2 })
  }

  @Test func aProxyThatComesAndGoesDoesNotMoveEverybodyBackAndForth() throws {
    var crowd = try Crowd(500, proxies: ["p1.test", "p2.test"], expires: 600)
    crowd.alive = [2]
    crowd.run(for: .seconds(120))
    for _ in 0..<20 {
      crowd.alive = [1, 2]
      crowd.run(for: .seconds(60))
      crowd.alive = [2]
      crowd.run(for: .seconds(60))
    }
    #expect(crowd.registered >= crowd.count - 2)
    #expect(crowd.boundAt.values.filter { $0 == 1 }.count < 50)
    #expect(crowd.lapses == 0)
  }

  @Test func withEveryProxyDeadOneAccountAsksEachOfThem() throws {
    var crowd = try Crowd(200, proxies: ["p1.test", "p2.test"], expires: 600)
    crowd.alive = [1]
    crowd.run(for: .seconds(60)) { $0.registered == $0.count }
    crowd.alive = []
    crowd.run(for: .seconds(1800))
    crowd.mostOpen = 0
    crowd.run(for: .seconds(1800))
    #expect(crowd.mostOpen <= 2)
    crowd.alive = [2]
    crowd.run(for: .seconds(70)) { $0.registered == $0.count }
    #expect(crowd.registered == crowd.count)
  }
}
