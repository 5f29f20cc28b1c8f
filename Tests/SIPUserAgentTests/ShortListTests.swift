import Testing

@testable import SIPUserAgent

/// `ShortList` is a list like any other, wherever its first element is kept.
@Suite struct ShortListTests {
  @Test(arguments: 0...4) func whatGoesInComesOutInItsOrder(count: Int) {
    let elements = Array(0..<count)
    var list = ShortList<Int>()
    for element in elements { list.append(element) }
    #expect(Array(list) == elements)
    #expect(list == ShortList(elements))
    #expect(list.count == count)
  }

  @Test(arguments: [0..<1, 0..<2, 1..<2, 1..<3, 0..<3, 3..<3, 0..<0])
  func aPartIsReplacedAsInAnArray(range: Range<Int>) {
    for replacement in [[], [7], [7, 8]] {
      var array = [0, 1, 2]
      var list: ShortList = [0, 1, 2]
      array.replaceSubrange(range, with: replacement)
      list.replaceSubrange(range, with: replacement)
      #expect(Array(list) == array)
    }
  }

  @Test(arguments: 0...3) func lentElementsComeInTheirOrder(count: Int) {
    var seen: [Int] = []
    ShortList(0..<count).forEachLent { seen.append($0) }
    #expect(seen == Array(0..<count))
  }

  @Test func elementsAreChangedWhereTheyAre() {
    var list: ShortList = [1, 2, 3]
    list[0] += 10
    list[2] += 10
    list.removeAll { $0 == 2 }
    #expect(Array(list) == [11, 13])
    #expect(list.removeFirst() == 11)
    #expect(Array(list) == [13])
  }
}
