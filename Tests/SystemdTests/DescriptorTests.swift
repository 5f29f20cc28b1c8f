import Glibc
import Testing

@testable import Systemd

@Suite struct DescriptorTests {
  @Test func aStoredSocketGoesAlongWithItsName() async {
    await #expect(processExitsWith: .success) {
      let socket = NotifySocket()
      #expect(ServiceManager().storeDescriptor(socket.descriptor, name: "udp-5060"))
      #expect(socket.next() == "FDSTORE=1\nFDNAME=udp-5060")
      #expect(ServiceManager().removeStoredDescriptors(name: "udp-5060"))
      #expect(socket.next() == "FDSTOREREMOVE=1\nFDNAME=udp-5060")
    }
  }

  @Test func aNameThatTheManagerWouldRefuseIsNotSent() async {
    await #expect(processExitsWith: .success) {
      let socket = NotifySocket()
      for name in ["", "a:b", "a b", "a\nREADY=1", "é", String(repeating: "a", count: 256)] {
        #expect(!ServiceManager().storeDescriptor(socket.descriptor, name: name))
        #expect(!ServiceManager().removeStoredDescriptors(name: name))
      }
      #expect(socket.next() == "")
    }
  }

  @Test func inheritedDescriptorsComeWithTheirNames() async {
    await #expect(processExitsWith: .success) {
      // The numbers are fixed by the protocol: 3 and up. They may have been those of the test's own report to its
      // parent, so the verdict is the exit status.
      guard dup2(0, 3) == 3, dup2(0, 4) == 4 else { _exit(2) }
      setenv("LISTEN_PID", "\(getpid())", 1)
      setenv("LISTEN_FDS", "2", 1)
      setenv("LISTEN_FDNAMES", "control:udp-5060", 1)
      let inherited = ServiceManager.listenDescriptors()
      let expected: [ServiceManager.ListenDescriptor] = [
        .init(descriptor: 3, name: "control"), .init(descriptor: 4, name: "udp-5060"),
      ]
      _exit(inherited == expected && fcntl(3, F_GETFD) & FD_CLOEXEC != 0 ? 0 : 1)
    }
  }

  @Test func descriptorsOfAnotherProcessAreNotOurs() async {
    await #expect(processExitsWith: .success) {
      setenv("LISTEN_PID", "\(getpid() + 1)", 1)
      setenv("LISTEN_FDS", "1", 1)
      #expect(ServiceManager.listenDescriptors() == [])
    }
  }
}
