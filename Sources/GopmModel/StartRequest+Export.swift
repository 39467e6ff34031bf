/// From what runs back to how it would be asked for.
extension StartRequest {
    /// The wish that a spec fulfils, without what is the same for everybody.
    ///
    /// The search path is of the shell that will start it next. `logFolder`, `maxLogSize`: What the config gives to those
    /// that say nothing. `isFull`: Whether to name also what these would be anyway.
    package init(exporting spec: ProcessSpec, logFolder: String, maxLogSize: Int64, isFull: Bool) {
        self.init()
        name = spec.name
        command = spec.command
        args = spec.args
        cwd = spec.cwd
        env = spec.env
        interpreter = spec.interpreter
        policy = spec.policy
        if isFull || spec.logOut != "\(logFolder)/\(spec.name)-out.log" { logOut = spec.logOut }
        if isFull || spec.logErr != "\(logFolder)/\(spec.name)-err.log" { logErr = spec.logErr }
        if isFull || spec.maxLogSize != maxLogSize { self.maxLogSize = spec.maxLogSize }
    }
}
