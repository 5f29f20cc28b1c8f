/// A pattern over a name: `*` stands for any characters, `?` for one; letters match in either case. There are no classes
/// and no escapes. It runs in time proportional to pattern times text, whatever the pattern.
package struct Glob: Sendable {
  private let pattern: [Character]

  package init(_ pattern: String) {
    self.pattern = Array(pattern.lowercased())
  }

  package func matches(_ text: String) -> Bool {
    let text = Array(text.lowercased())
    var position = 0
    var token = 0
    var star: (token: Int, position: Int)?
    while position < text.count {
      if token < pattern.count, pattern[token] == "*" {
        star = (token, position)
        token += 1
      } else if token < pattern.count, pattern[token] == "?" || pattern[token] == text[position] {
        token += 1
        position += 1
      } else if let last = star {
        star = (last.token, last.position + 1)
        token = last.token + 1
        position = last.position + 1
      } else {
        return false
      }
    }
    return pattern[token...].allSatisfy { $0 == "*" }
  }
}
