import GopmJSON
import Testing

/// What Python 3's `json` module makes of these texts, with NaN and Infinity refused; nil where it refuses them.
///
/// Doubles are given by their bits after `~`, strings by their scalars, so that nothing is lost in print. Two known
/// differences are left out: Python takes lone surrogates, and numbers too large for a double.
@Suite struct PythonAgreementTests {
    @Test(arguments: table)
    func agrees(source: String, expected: String?) {
        let value = try? parse(source)
        #expect(value.map(canonical) == expected)
    }

    private func canonical(_ value: JSONValue) -> String {
        switch value {
        case .null: return "null"
        case .bool(let value): return "\(value)"
        case .integer(let value): return "\(value)"
        case .double(let value): return "~" + String(value.bitPattern, radix: 16)
        case .string(let value):
            let scalars = value.unicodeScalars.map { String($0.value, radix: 16, uppercase: true) }
            return "'" + scalars.joined(separator: ".") + "'"
        case .array(let elements): return "[" + elements.map(canonical).joined(separator: ",") + "]"
        case .object(let object):
            let members = object.members.map { canonical(.string($0.key)) + ":" + canonical($0.value) }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private static let table: [(String, String?)] = [
        (#"0"#, "0"),
        (#"-0"#, "0"),
        (#"-0.0"#, "~8000000000000000"),
        (#"0.0"#, "~0"),
        (#"00"#, nil),
        (#"-"#, nil),
        (#"+1"#, nil),
        (#"1."#, nil),
        (#".1"#, nil),
        (#"1.5"#, "~3ff8000000000000"),
        (#"1e5"#, "~40f86a0000000000"),
        (#"1E+05"#, "~40f86a0000000000"),
        (#"1e-5"#, "~3ee4f8b588e368f1"),
        (#"1e"#, nil),
        (#"1e+"#, nil),
        (#"1.e1"#, nil),
        (#"0e"#, nil),
        (#"0x1"#, nil),
        (#"9223372036854775807"#, "9223372036854775807"),
        (#"9223372036854775808"#, "~43e0000000000000"),
        (#"-9223372036854775808"#, "-9223372036854775808"),
        (#"-9223372036854775809"#, "~c3e0000000000000"),
        (#"1000000000000000000000"#, "~444b1ae4d6e2ef50"),
        (#"0.1"#, "~3fb999999999999a"),
        (#"0.30000000000000004"#, "~3fd3333333333334"),
        (#"2.2250738585072011e-308"#, "~fffffffffffff"),
        (#"2.2250738585072014e-308"#, "~10000000000000"),
        (#"4.9e-324"#, "~1"),
        (#"2.4703282292062327e-324"#, "~0"),
        (#"2.4703282292062328e-324"#, "~1"),
        (#"1.7976931348623157e308"#, "~7fefffffffffffff"),
        (#"9007199254740993"#, "9007199254740993"),
        (#"9007199254740993.0"#, "~4340000000000000"),
        (#"9007199254740992.5"#, "~4340000000000000"),
        (#"1e22"#, "~4480f0cf064dd592"),
        (#"1e23"#, "~44b52d02c7e14af6"),
        (#"8.5e22"#, "~44b1ffdbf6b2b2eb"),
        (#"123456789.123456789"#, "~419d6f34547e6b75"),
        (#"0.000000000000000000000000000001234567890123456789"#, "~39b90a3e33c69ac3"),
        (#"3.141592653589793238462643383279502884197169399375105820974944"#, "~400921fb54442d18"),
        (#"100000000000000016777215.5"#, "~44b52d02c7e14af7"),
        (#"NaN"#, nil),
        (#"Infinity"#, nil),
        (#"-Infinity"#, nil),
        (#"nan"#, nil),
        (#"[]"#, "[]"),
        (#"[ ]"#, "[]"),
        (#"[1,2]"#, "[1,2]"),
        (#"[1,2,]"#, nil),
        (#"[,]"#, nil),
        (#"[1 2]"#, nil),
        (#"[1,,2]"#, nil),
        (#"["#, nil),
        (#"]"#, nil),
        (#"[]]"#, nil),
        (#"[[]"#, nil),
        (#"[[],[[]]]"#, "[[],[[]]]"),
        (#"{}"#, "{}"),
        (#"{ }"#, "{}"),
        (#"{"a":1}"#, "{'61':1}"),
        (#"{"a":1,}"#, nil),
        (#"{"a":1 "b":2}"#, nil),
        (#"{"a" 1}"#, nil),
        (#"{"a":}"#, nil),
        (#"{:1}"#, nil),
        (#"{1:2}"#, nil),
        (#"{a:1}"#, nil),
        (#"{'a':1}"#, nil),
        (#"{"a":1,"a":2}"#, "{'61':1,'61':2}"),
        (#"{"":{"":[{}]}}"#, "{'':{'':[{}]}}"),
        (#"{"a":1}}"#, nil),
        (#"true"#, "true"),
        (#"false"#, "false"),
        (#"null"#, "null"),
        (#"True"#, nil),
        (#"tru"#, nil),
        (#"truee"#, nil),
        (#"nulll"#, nil),
        (#""""#, "''"),
        (#""a""#, "'61'"),
        (#""a"#, nil),
        (#"'a'"#, nil),
        (#""\"\\\/\b\f\n\r\t""#, "'22.5C.2F.8.C.A.D.9'"),
        (#""\a""#, nil),
        (#""\x41""#, nil),
        (#""\u0041""#, "'41'"),
        (#""\u00E9\u65e5""#, "'E9.65E5'"),
        (#""\u004""#, nil),
        (#""\u004g""#, nil),
        (#""\U0041""#, nil),
        (#""\ud83c\udf89""#, "'1F389'"),
        (#""\uD83C\uDF89""#, "'1F389'"),
        (#""\u0000""#, "'0'"),
        (#""é日🎉""#, "'E9.65E5.1F389'"),
        (#""\\u0041""#, "'5C.75.30.30.34.31'"),
        (#""\\\"""#, "'5C.22'"),
        (#""a""b""#, nil),
        (#""a" "b""#, nil),
        (#""a","#, nil),
        (#"// x"#, nil),
        (#"1 // x"#, nil),
        (#"/* x */ 1"#, nil),
        (#"[1]#"#, nil),
    ]
}
