import ArgumentParser

@main
struct Sipregd: ParsableCommand {}
