import ArgumentParser

@main
struct Sipregctl: ParsableCommand {}
