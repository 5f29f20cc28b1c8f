/// A list that has one element nearly always, which is then kept in place: accounts are many.
package struct ShortList<Element> {
  private var first: Element?
  /// Behind the first.
  private var rest: [Element] = []

  package init() {}

  package init(_ elements: some Collection<Element>) {
    first = elements.first
    rest = Array(elements.dropFirst())
  }
}

extension ShortList {
  /// Every element in order, lent: `if let` and `for … in` would take a copy of each.
  func forEachLent(_ body: (Element) -> Void) {
    if first != nil { body(first!) }
    for index in rest.indices { body(rest[index]) }
  }

  /// Every element where it is.
  mutating func updateEach<Failure>(_ update: (inout Element) throws(Failure) -> Void) throws(Failure) {
    if first != nil { try update(&first!) }
    // An empty array is shared by all, and would be asked first whether it is nobody else's.
    guard !rest.isEmpty else { return }
    for index in rest.indices { try update(&rest[index]) }
  }
}

extension ShortList: Sendable where Element: Sendable {}
extension ShortList: Equatable where Element: Equatable {}

extension ShortList: ExpressibleByArrayLiteral {
  package init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension ShortList {
  package mutating func append(_ element: Element) {
    if first == nil { first = element } else { rest.append(element) }
  }
}

extension ShortList: RandomAccessCollection, MutableCollection, RangeReplaceableCollection {
  package var startIndex: Int { 0 }
  package var endIndex: Int { first == nil ? 0 : rest.count + 1 }

  package subscript(index: Int) -> Element {
    get { index == 0 ? first! : rest[index - 1] }
    _modify {
      if index == 0 { yield &first! } else { yield &rest[index - 1] }
    }
  }

  package mutating func replaceSubrange(_ range: Range<Int>, with elements: some Collection<Element>) {
    var all = Array(self)
    all.replaceSubrange(range, with: elements)
    self = ShortList(all)
  }
}
