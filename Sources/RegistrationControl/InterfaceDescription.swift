/// The interface description of Varlink: the file is the documentation, and the daemon carries it to answer
/// `org.varlink.service.GetInterfaceDescription`.
package enum InterfaceDescription {
  package static let registrationsName = "org.sipregd.Registrations"
  package static let serviceName = "org.varlink.service"

  package static let registrations = String(
    decoding: PackageResources.org_sipregd_Registrations_varlink, as: UTF8.self)

  /// The interface that every Varlink service has, https://varlink.org/Service.
  package static let service = """
    # What every Varlink service offers.
    interface org.varlink.service

    # Who this is and which interfaces it has.
    method GetInfo() -> (vendor: string, product: string, version: string, url: string, interfaces: []string)

    # The description of one interface, in the Varlink interface definition language.
    method GetInterfaceDescription(interface: string) -> (description: string)

    error InterfaceNotFound (interface: string)
    error MethodNotFound (method: string)
    error MethodNotImplemented (method: string)
    error InvalidParameter (parameter: string)
    error PermissionDenied ()
    error ExpectedMore ()
    """
}
