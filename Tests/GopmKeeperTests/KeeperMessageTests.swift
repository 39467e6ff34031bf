import Testing

@testable import GopmKeeper

@Suite struct KeeperMessageTests {
    @Test(arguments: [
        KeeperRequest.hello(command: []), .hello(command: ["/usr/bin/gopmd", "--home", "/tmp/ä b"]), .fetch(0),
        .fetch(70_000), .store(name: "api.17"), .remove(name: String(repeating: "n", count: 255)), .ping, .goodbye,
    ])
    func requestsSurviveTheWire(_ request: KeeperRequest) {
        #expect(KeeperRequest(request.bytes) == request)
    }

    @Test(arguments: [
        KeeperReply.welcome(pid: 4_194_304, count: 1_500), .set(name: "api.17"), .done, .refused, .busy,
    ])
    func repliesSurviveTheWire(_ reply: KeeperReply) {
        #expect(KeeperReply(reply.bytes) == reply)
    }

    @Test(arguments: [
        "", "S", "R", "X", "F", "F123", "F12345", "F\u{ff}\u{ff}\u{ff}\u{ff}", "S" + String(repeating: "n", count: 256),
    ])
    func garbageIsNoRequest(_ text: String) {
        #expect(KeeperRequest(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }) == nil)
    }

    @Test func namesMustBeText() {
        #expect(KeeperRequest([UInt8(ascii: "S"), 0xFF]) == nil)
    }
}

@Suite struct RestartBackoffTests {
    @Test func growsWhileGopmdDiesYoung() {
        var backoff = RestartBackoff()
        let delays = (0..<9).map { _ in backoff.delay(afterLifeOf: 50_000_000) / 1_000_000 }
        #expect(delays == [0, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000])
    }

    @Test func beginsAnewAfterALongLife() {
        var backoff = RestartBackoff()
        for _ in 0..<100 { _ = backoff.delay(afterLifeOf: 0) }
        #expect(backoff.delay(afterLifeOf: RestartBackoff.longEnough) == 0)
        #expect(backoff.delay(afterLifeOf: RestartBackoff.longEnough - 1) == 100_000_000)
    }
}
