import ArgumentParser
import RegistrationControl

extension RegistrationState: ExpressibleByArgument {}

/// Which accounts to show.
struct FilterOptions: ParsableArguments {
  @Option(name: .long, help: .init("Only accounts in this state; may be given several times.", valueName: "state"))
  var state: [RegistrationState] = []

  @Option(name: .long, help: .init("Only accounts of this domain.", valueName: "domain"))
  var domain: String?

  @Option(name: .long, help: .init("A glob over name or address of record, such as 'al*'.", valueName: "glob"))
  var pattern: String?

  var filter: AccountFilter {
    AccountFilter(states: state.isEmpty ? nil : state, domain: domain, pattern: pattern)
  }
}
