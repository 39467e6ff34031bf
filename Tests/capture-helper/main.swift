import Glibc
import GopmCapture

// A log thread and nothing else, for tests that kill it and for measuring:
//
//     capture-helper RECORDS FIFO LOG MAX-SIZE MAX-FILES
//
// Captures FIFO into LOG until its standard input ends, then drains, prints each event and exits. Reading ends stay open
// elsewhere: whoever tests it holds one.

let arguments = CommandLine.arguments
guard arguments.count == 6, let maxSize = Int(arguments[4]), let maxFiles = Int(arguments[5]) else { exit(64) }
let id = StreamID(process: 1, kind: .out)
let owner = RecordOwner(stream: id, generation: 1)
do {
    let records = try RecordTable(path: arguments[1])
    let slot = try records.slot(of: owner) ?? records.allocate(owner)
    let pump = try LogPump(records: records)
    try pump.start()
    pump.attach(
        StreamSpec(
            id: id,
            generation: 1,
            fifo: open(arguments[2], O_RDONLY | O_NONBLOCK | O_CLOEXEC),
            path: arguments[3],
            maxSize: maxSize,
            maxFiles: maxFiles,
            recordSlot: slot
        )
    )
    var byte = UInt8(0)
    while read(0, &byte, 1) > 0 {}
    let isStopped = pump.stop()
    for event in pump.takeEvents() { print(event) }
    exit(isStopped ? 0 : 1)
} catch {
    print(error)
    exit(70)
}
