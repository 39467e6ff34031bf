import Glibc

/// The sides of a service manager's and a network client's conversation that a service has.
enum Sockets {
    /// `sd_notify(3)` by hand: one datagram to the path, or abstract name after @, in $NOTIFY_SOCKET.
    static func notifyReady() {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }) else {
            return Output.standard.line("not notified: NOTIFY_SOCKET is unset")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else {
            return Output.standard.line("not notified: NOTIFY_SOCKET is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            buffer.copyBytes(from: name)
            if buffer[0] == UInt8(ascii: "@") { buffer[0] = 0 }
        }
        let size = MemoryLayout<sa_family_t>.size + name.count
        let message = "READY=1"
        let sent = withSocketAddress(&address) {
            sendto(descriptor, message, message.utf8.count, 0, $0, socklen_t(size))
        }
        Output.standard.line(sent < 0 ? "not notified: \(describe(errno))" : "notified READY=1")
    }

    /// `sd_listen_fds(3)` by hand.
    static func printPassedDescriptors() {
        let count = getenv("LISTEN_FDS").flatMap { Int32(String(cString: $0)) } ?? 0
        let pid = getenv("LISTEN_PID").map { String(cString: $0) } ?? "unset"
        let names = getenv("LISTEN_FDNAMES").map { String(cString: $0).split(separator: ":") } ?? []
        Output.standard.line("listen fds \(count) for \(pid == "\(getpid())" ? "us" : pid)")
        for index in 0..<max(count, 0) {
            let name = names.indices.contains(Int(index)) ? names[Int(index)] : "unnamed"
            let isOpen = fcntl(3 + index, F_GETFD) >= 0
            Output.standard.line("listen fd \(3 + index) \(name)\(isOpen ? "" : " closed")")
        }
    }

    /// Listens before it returns; connections are served one at a time.
    static func listen(port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withSocketAddress(&address) {
            bind(listener, $0, size) == 0 && Glibc.listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
        }
        guard isListening else {
            Output.error.line("testapp: port \(port): \(describe(errno))")
            _exit(1)
        }
        Output.standard.line("listening on 127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
        Background.run {
            while true {
                let connection = accept(listener, nil, nil)
                if connection >= 0 { serve(connection) }
            }
        }
    }

    private static func serve(_ connection: Int32) {
        guard let stream = fdopen(connection, "r+") else {
            close(connection)
            return
        }
        defer { fclose(stream) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, stream) > 0, let line {
            let answer = "\(getpid()): \(String(cString: line))"
            send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL))
        }
    }

    private static func withSocketAddress<Address, Result>(
        _ address: inout Address,
        _ body: (UnsafeMutablePointer<sockaddr>) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
