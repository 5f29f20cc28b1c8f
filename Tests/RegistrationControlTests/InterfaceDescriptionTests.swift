import Testing

@testable import RegistrationControl

@Suite struct InterfaceDescriptionTests {
  @Test func everyMethodAndErrorOfTheProgramStandsInTheInterface() {
    let calls: [ControlCall] = [
      .status, .list(.init()), .show(name: ""), .watch(.init()), .refresh(.init()), .pause(.init()), .resume(.init()),
      .reload(dryRun: true),
    ]
    for call in calls {
      let name = call.method.dropFirst(InterfaceDescription.registrationsName.count + 1)
      #expect(InterfaceDescription.registrations.contains("\nmethod \(name)("))
    }
    let errors: [ControlError] = [
      .noSuchAccount(""), .notPermitted(method: ""), .reloadFailed([]), .unavailable(reason: ""),
    ]
    for error in errors {
      let name = error.name.dropFirst(InterfaceDescription.registrationsName.count + 1)
      #expect(InterfaceDescription.registrations.contains("\nerror \(name) ("))
    }
  }

  @Test func theStatesAndEventKindsAreThoseOfTheInterface() {
    let states = RegistrationState.allCases.map(\.rawValue).joined(separator: ", ")
    #expect(InterfaceDescription.registrations.contains("\ntype State (\(states))\n"))
    for kind in RegistrationEvent.Kind.allCases {
      #expect(InterfaceDescription.registrations.contains(kind.rawValue))
    }
  }
}
