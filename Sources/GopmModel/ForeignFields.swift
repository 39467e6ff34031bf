/// Fields of PM2's and supervisord's files, and what stands in their place in an ecosystem file.
///
/// None of them is read: a field has one name.
enum ForeignFields {
    static let instead = [
        // PM2
        "script": "command; gopm pm2 --from FILE reads PM2's files",
        "instances": oneProgram, "exec_mode": "nothing, a process is one program", "exec_interpreter": "interpreter",
        "watch": "nothing, changed files restart nothing", "max_memory_restart": "nothing, memory has no limit",
        "cron_restart": "a line in crontab: gopm restart NAME", "stop_exit_codes": "no_restart_on_exit",
        "exp_backoff_restart_delay": "restart_delay and exp_backoff", "out_file": "log_out", "output": "log_out",
        "error_file": "log_err", "error": "log_err", "log_file": "log_out and log_err, with the same file",
        "log": "log_out and log_err, with the same file", "env_production": "env",
        "node_args": "args, with node as command", "interpreter_args": "args, with the interpreter as command",
        // supervisord
        "directory": "cwd", "environment": "env", "startsecs": "min_uptime", "startretries": "max_restarts",
        "stopsignal": "kill_signal", "stopwaitsecs": "kill_timeout", "exitcodes": "no_restart_on_exit",
        "stdout_logfile": "log_out", "stderr_logfile": "log_err", "stdout_logfile_maxbytes": "max_log_size",
        "stderr_logfile_maxbytes": "max_log_size", "redirect_stderr": "log_err, with the file of log_out",
        "numprocs": oneProgram, "autostart": "nothing, gopm stop keeps a process down",
        "user": "nothing, a program runs as the daemon's user", "priority": "nothing, all start at once",
    ]

    private static let oneProgram = "one app for each, with its own name"
}
