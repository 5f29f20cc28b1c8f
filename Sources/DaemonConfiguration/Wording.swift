import SIPMessage

/// A text from a file as it may be shown, where characters that are not are named.
func printable(_ text: String, limit: Int = 120) -> String {
  text.printable(atMost: limit, ending: "…") { "\\u{\(String($0.value, radix: 16))}" }
}

/// What the operator most likely meant by an unknown word: the known one with the fewest edits, if they are few for its
/// length.
func nearest(to word: String, among known: some Sequence<String>) -> String? {
  let length = word.utf8.count
  guard length <= longestGuess else { return nil }
  let limit = max(1, min(3, word.count / 2))
  // What is longer or shorter by more letters than that cannot be near.
  return known.prefix(mostGuesses).filter { abs($0.utf8.count - length) <= 2 * limit }
    .map { ($0, distance(word, $0)) }.filter { $0.1 <= limit }.min { $0.1 < $1.1 }?.0
}

/// Bytes of a word that a known one is looked for: none is longer by far, and the search grows with the square.
private let longestGuess = 64
/// Known words that are compared: as many as people give names to by hand.
private let mostGuesses = 256

/// How many letters must be inserted, removed, replaced or swapped with their neighbour to turn one word into the other
/// (optimal string alignment).
private func distance(_ first: String, _ second: String) -> Int {
  let first = Array(first.lowercased().utf8)
  let second = Array(second.lowercased().utf8)
  guard second.count <= longestGuess else { return .max }
  var rows = [Array(0...second.count)]
  for row in first.indices {
    var cells = [row + 1]
    for column in second.indices {
      let same = first[row] == second[column]
      var best = min(rows[row][column + 1] + 1, cells[column] + 1, rows[row][column] + (same ? 0 : 1))
      if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
        best = min(best, rows[row - 1][column - 1] + 1)
      }
      cells.append(best)
    }
    rows.append(cells)
  }
  return rows[first.count][second.count]
}

/// "a, b or c".
func alternatives(_ words: [String]) -> String {
  guard words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + words[words.count - 1]
}
