/// What libFuzzer calls with every input it makes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  Probe.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
