import SIPMessage

/// What happens when in virtual time: a binary heap, first in first out among equals, so that a seed is a story.
struct Agenda<Element> {
  private struct Entry {
    var instant: Instant
    var order: Int
    var element: Element

    func precedes(_ other: Entry) -> Bool { (instant, order) < (other.instant, other.order) }
  }

  private var heap: [Entry] = []
  private var order = 0

  var isEmpty: Bool { heap.isEmpty }
  var next: Instant? { heap.first?.instant }

  mutating func add(_ element: Element, at instant: Instant) {
    order += 1
    heap.append(Entry(instant: instant, order: order, element: element))
    var child = heap.count - 1
    while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> (Instant, Element)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return (first.instant, first.element) }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in 2 * parent + 1...2 * parent + 2 where child < heap.count && heap[child].precedes(heap[least]) {
        least = child
      }
      guard least != parent else { break }
      heap.swapAt(least, parent)
      parent = least
    }
    return (first.instant, first.element)
  }

  mutating func removeAll(where isGone: (Element) -> Bool) {
    let kept = heap.filter { !isGone($0.element) }.sorted { $0.precedes($1) }
    heap = kept
  }
}
