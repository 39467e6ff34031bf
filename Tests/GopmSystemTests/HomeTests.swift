import GopmSystem
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite struct HomeTests {
    @Test func withoutHOMEItIsThatOfTheAccount() throws {
        let account = try #require(UserAccount.find(uid: getuid()))
        #expect(Home { _ in nil }.path == account.directory + "/.gopm")
        #expect(Home { _ in "" }.path == account.directory + "/.gopm")
    }

    @Test func aHomeAtTheRootHasOneSlash() {
        #expect(Home { $0 == "HOME" ? "/" : nil }.path == "/.gopm")
    }
}
