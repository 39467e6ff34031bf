import GopmProcfs

/// A socket in one line.
enum SocketText {
    static func text(_ socket: Socket) -> String {
        let ends = [socket.local, socket.isListening ? "" : socket.remote].filter { !$0.isEmpty }
        let words = [socket.proto] + (ends.isEmpty ? [] : [ends.joined(separator: " ↔ ")]) + [socket.state]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
