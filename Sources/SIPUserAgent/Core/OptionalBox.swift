/// A value that is there at times only: one pointer, since accounts are many.
struct OptionalBox<Value: Sendable>: Sendable {
  private var box: [Value] = []

  var isEmpty: Bool { box.isEmpty }

  var value: Value? {
    get { box.first }
    set { box = newValue.map { [$0] } ?? [] }
  }

  /// Changes the value where it is. - Returns: nil while there is none.
  @discardableResult
  mutating func change<Result>(_ change: (inout Value) -> Result) -> Result? {
    box.isEmpty ? nil : change(&box[0])
  }
}

extension OptionalBox: Equatable where Value: Equatable {}
