import Testing

@testable import DaemonConfiguration

/// What TOML 1.0 (https://toml.io/en/v1.0.0) takes and what it does not, by its rules.
@Suite struct TOMLVectorTests {
  struct Rule: CustomTestStringConvertible {
    let name: String
    let valid: [String]
    let invalid: [String]

    var testDescription: String { name }

    /// Of what stands behind "x = ".
    static func values(_ name: String, valid: [String], invalid: [String]) -> Rule {
      Rule(name: name, valid: valid.map { "x = \($0)" }, invalid: invalid.map { "x = \($0)" })
    }
  }

  static let values: [Rule] = [
    .values(
      "whole numbers",
      valid: [
        "0", "+0", "-0", "7", "+99", "-17", "1_000", "5_349_221", "9223372036854775807", "-9223372036854775808",
        "0xDEADBEEF", "0xdead_beef", "0x00", "0o01234567", "0b1101_0110",
      ],
      invalid: [
        "01", "-01", "+00", "0_1", "_1", "1_", "1__0", "+-1", "--1", "1 2", "9223372036854775808", "0x", "0xG", "0x_1",
        "0x1_", "+0x1", "-0b1", "0o8", "0b2", "0X1", "0xffffffffffffffffff", "1a", "1_a",
      ]),
    .values(
      "floats",
      valid: [
        "1.0", "+1.5", "-0.01", "0.0", "5e+22", "1e06", "-2E-2", "6.626e-34", "224_617.445_991_228", "1_0e1_0", "0e0",
        "inf", "+inf", "-inf", "nan", "+nan", "-nan",
      ],
      invalid: [
        ".7", "7.", "+.7", "3.e+20", "1._2", "1_.2", "1.2_", "1.2__3", "1_e2", "1e_2", "1e2_", "1e", "1e+", "e1",
        "1ee2",
        "1e2e3", "1e2.3", "1.2.3", "1.2e3.4", "01.5", "-01.5", "00e1", "0_1.5", "1+2", "1.5-", "1.+5", "Inf", "NaN",
        "infinity", "+-inf", "0x1.8", "1,5",
      ]),
    .values(
      "days",
      valid: ["1979-05-27", "0000-01-01", "9999-12-31", "2024-02-29", "2000-02-29", "2023-04-30"],
      invalid: [
        "1979-00-01", "1979-13-01", "1979-05-00", "1979-05-32", "2023-04-31", "2024-02-30", "2023-02-29", "1900-02-29",
        "1979-5-27", "1979-05-7", "79-05-27", "11979-05-27", "1979-05", "1979-05-", "1979-0527", "19790527-",
        "1979-05-27-",
        "1979:05:27", "1979-05-27T", "1979-05-27Z",
      ]),
    .values(
      "times of a day",
      valid: ["00:00:00", "23:59:59", "23:59:60", "07:32:00.5", "07:32:00.123456789012"],
      invalid: [
        "24:00:00", "07:60:00", "07:32:61", "07:32", "7:32:00", "07:3:00", "07:32:0", "07:32:00.", "07:32:.5",
        "07:32:00Z",
        "07:32:00+01:00", "07-32-00", "07:32:00:00", "-07:32:00",
      ]),
    .values(
      "moments",
      valid: [
        "1979-05-27T07:32:00Z", "1979-05-27t07:32:00z", "1979-05-27 07:32:00Z", "1979-05-27T00:32:00-07:00",
        "1979-05-27T00:32:00.999999+23:59", "1979-05-27T07:32:00", "1979-05-27 07:32:00.5",
        "1979-05-27 07:32:00z # why",
      ],
      invalid: [
        "1979-13-27T07:32:00Z", "2023-02-30T07:32:00", "1979-05-27T24:00:00Z", "1979-05-27T07:60:00Z",
        "1979-05-27T07:32:61Z", "1979-05-27T07:32Z", "1979-05-27T07:32:00+24:00", "1979-05-27T07:32:00+01:60",
        "1979-05-27T07:32:00+01", "1979-05-27T07:32:00+0100", "1979-05-27T07:32:00+", "1979-05-27T07:32:00ZZ",
        "1979-05-27T07:32:00.Z", "1979-05-27TT07:32:00", "1979-05-2707:32:00", "1979-05-27 7:32:00",
        "1979-05-27 24:00:00", "1979-05-27  07:32:00", "T07:32:00Z",
      ]),
    .values(
      "booleans", valid: ["true", "false"], invalid: ["True", "FALSE", "yes", "tru", "truer", "true false", "t"]),
    .values(
      "strings",
      valid: [
        #""""#, #""a\tb\u00e9\U0001F600\\\"""#, "''", #"'C:\x'"#, "\"\"\"\na\\\n  b\"\"\"", "'''\na'b''c'''",
        #""""a""""""#, "\"tab\there\"",
      ],
      invalid: [
        #"""#, "'", #""a\x""#, #""\u12""#, #""\ud800""#, #""\U00110000""#, "\"a\nb\"", "'a\nb'", #""""a"""#, "'''a''",
        "\"\u{1}\"", "'\u{7F}'", "\"\"\"\u{0}\"\"\"", #""a"b"#, "'a''b'", #""a" "b""#,
      ]),
    .values(
      "arrays and inline tables",
      valid: ["[]", "[1, 2,]", "[1, 'a', [2.5]]", "[\n1, # one\n\n2\n]", "{}", "{ a = 1, b.c = 2 }", "[{a = 1}, {}]"],
      invalid: [
        "[", "[1", "[1 2]", "[,]", "[1,,2]", "]", "{", "{a}", "{a = 1,}", "{a = 1 b = 2}", "{a = 1,\nb = 2}",
        "{a = 1, a = 2}",
        "{a.b = 1, a = 2}", "{,}",
      ]),
  ]

  static let documents: [Rule] = [
    Rule(
      name: "lines and comments",
      valid: ["", "# a\n", "a = 1 # b\n\n\tb = 2\r\n", "\u{FEFF}a = 1"],
      invalid: [
        "a = 1 b = 2", "a = 1\rb = 2", "# \u{1}", "# \u{7F}\n", "a", "= 1", "a =", "a = # 1", "a\n= 1", "a : 1",
      ]),
    Rule(
      name: "keys",
      valid: ["a-b_9 = 1", "1234 = 1", "\"a b\" = 1", "'' = 1", "a . b = 1\na.c = 2", "3.14 = 1"],
      invalid: [
        "a b = 1", "é = 1", "a. = 1", ".a = 1", "a..b = 1", "a = 1\na = 2", "a = 1\n\"a\" = 2", "a = 1\na.b = 2",
        "a.b = 1\na = 2", "\"\"\"a\"\"\" = 1", "a = {}\na.b = 1",
      ]),
    Rule(
      name: "tables",
      valid: ["[a]\n[a.b]\n", "[a.b]\n[a]\n", "[ a . 'b c' ]\nx = 1", "[a]\nb.c = 1\n[a.d]\n"],
      invalid: [
        "[a]\n[a]", "[a", "[]", "[a.]", "[.a]", "[a]]", "[a] b = 1", "[a\n]", "a = 1\n[a]", "a = {}\n[a.b]",
        "[a]\nb.c = 1\n[a.b]",
      ]),
    Rule(
      name: "arrays of tables",
      valid: ["[[a]]\n[[a]]\nx = 1\n[a.b]\n[[a.c]]\n", "[[a.b]]\n"],
      invalid: ["[[a]", "[ [a]]", "[[a] ]", "[[]]", "a = []\n[[a]]", "[a]\n[[a]]", "[[a]]\n[a]", "a = [{}]\n[a.b]"]),
  ]

  @Test(arguments: values + documents) func whatFollowsTheRuleIsReadAndNothingElse(rule: Rule) {
    for text in rule.valid {
      #expect(throws: Never.self, "\(text.debugDescription)") { try TOMLReader.read(Array(text.utf8)) }
    }
    for text in rule.invalid {
      #expect(throws: ReadingFailure.self, "\(text.debugDescription)") { try TOMLReader.read(Array(text.utf8)) }
    }
  }

  @Test(arguments: [
    ("x = 2023-02-30", "there is no such date or time, which is written as 1979-05-27T07:32:00Z; a text needs quotes"),
    ("x = 1_e2", "expected a value; a text needs quotes"),
    ("x = 9223372036854775808", "expected a value; a whole number has 64 bits, and a text needs quotes"),
  ]) func itIsSaidWhatIsWrong(text: String, message: String) throws {
    let failure = #expect(throws: ReadingFailure.self) { try TOMLReader.read(Array(text.utf8)) }
    #expect(failure?.message == message)
    #expect(failure?.column == 5)
  }
}
