/// Why a connection profile can not be used: the file, and what is wrong with it.
package struct ProfileError: Error, Equatable, Sendable, CustomStringConvertible {
  package var path: String
  package var problem: String

  package init(path: String, problem: String) {
    self.path = path
    self.problem = problem
  }

  package var description: String { "\(path): \(problem)" }
}
