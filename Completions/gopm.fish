# Completion of gopm and its programs for fish. Made by Documentation/generate; change that, not this.

# Options with a value, by command.
set -g __gopm_valued --config
set -g __gopm_valued_start --name --cwd --interpreter --env --autorestart --max-restarts --min-uptime --restart-delay --max-delay --restart-on-exit --no-restart-on-exit --kill-signal --kill-timeout --log-out --log-err --max-log-size
set -g __gopm_valued_watch -i --interval -t --timeout
set -g __gopm_valued_stats --hours
set -g __gopm_valued_gui --refresh
set -g __gopm_valued_logs -n --lines --since --until --grep
set -g __gopm_valued_pm2 --from --pm2-home
set -g __gopm_valued_install --user

# Whether the cursor is where words of a command stand: __gopm_at COMMAND [first]. An empty COMMAND: where it is to be
# chosen. With `first` only its first word.
function __gopm_at
    set -l tokens (commandline -opc)
    set -l program (string replace -r '.*/' '' -- $tokens[1])
    set -l command
    test $program = gopm; or set command (string replace 'gopm-' '' -- $program)
    set -l valued $__gopm_valued
    set -l skips no
    set -l words 0
    for token in $tokens[2..-1]
        if test $skips = yes
            set skips no
        else if test $token = --
            return 1
        else if string match -q -- '-*' $token
            contains -- $token $valued; and set skips yes
        else if test -z "$command"
            set command $token
            set -l name __gopm_valued_(string replace -a - _ -- $command)
            set -q $name; and set -a valued $$name
        else
            set words (math $words + 1)
        end
    end
    test "$command" = "$argv[1]"; or return 1
    test "$argv[2]" != first -o $words -eq 0
end

# Words that only the running system knows, each with a tab and what it is.
function __gopm_live
    gopm __complete $argv[1] (commandline -ct) 2>/dev/null
end

complete -c gopm -f
complete -c gopm -n '__gopm_at ""' -l version -d 'Show the version'
complete -c gopm -l json -d 'Print JSON and nothing else'
complete -c gopm -l config -r -k -a '(__fish_complete_suffix .json)' -d 'Config file. (default: gopm.config.json in the home, then in /etc)'
complete -c gopm -l debug -d 'Log level debug for a daemon that this command starts'
complete -c gopm -s h -l help -d 'Show help information'

complete -c gopm -n '__gopm_at ""' -a start -d 'Start a program, script, ecosystem file or stopped process'
complete -c gopm -n '__gopm_at start' -l name -x -d 'Process name. (default: the program\'s file name)'
complete -c gopm -n '__gopm_at start' -l cwd -x -a '(__fish_complete_directories)' -d 'Working directory. (default: the current one)'
complete -c gopm -n '__gopm_at start' -l interpreter -r -F -d 'Interpreter of a script, such as python3, node or bash'
complete -c gopm -n '__gopm_at start' -l env -x -d 'Environment variable; KEY alone takes the shell\'s value. (repeatable)'
complete -c gopm -n '__gopm_at start' -l autorestart -x -a 'always on-failure never' -d 'When to restart: always, on-failure or never. (default: always)'
complete -c gopm -n '__gopm_at start' -l max-restarts -x -d 'Consecutive restarts before giving up; 0 = unlimited. (default: 0)'
complete -c gopm -n '__gopm_at start' -l min-uptime -x -d 'Uptime that resets the restart counter. (default: 5s)'
complete -c gopm -n '__gopm_at start' -l restart-delay -x -d 'Delay before a restart. (default: 2s)'
complete -c gopm -n '__gopm_at start' -l exp-backoff -d 'Double the delay with each consecutive restart'
complete -c gopm -n '__gopm_at start' -l max-delay -x -d 'Longest delay with --exp-backoff. (default: 30s)'
complete -c gopm -n '__gopm_at start' -l restart-on-exit -x -d 'Restart after these exit codes, such as 75,99, whatever --autorestart says'
complete -c gopm -n '__gopm_at start' -l no-restart-on-exit -x -d 'Never restart after these exit codes; the strongest rule'
complete -c gopm -n '__gopm_at start' -l kill-signal -x -a 'SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS' -d 'First signal of a stop. (default: SIGTERM)'
complete -c gopm -n '__gopm_at start' -l kill-timeout -x -d 'Time from that signal to SIGKILL. (default: 5s)'
complete -c gopm -n '__gopm_at start' -l log-out -r -F -d 'Log file for standard output'
complete -c gopm -n '__gopm_at start' -l log-err -r -F -d 'Log file for standard error; the same as --log-out makes one log of both'
complete -c gopm -n '__gopm_at start' -l max-log-size -x -d 'Rotate a log at this size. (default: 100M)'
complete -c gopm -n '__gopm_at start' -l wait -d 'Return when it has been online for its min-uptime, or say why it was not'
complete -c gopm -n '__gopm_at start first' -k -a '(__gopm_live startable; __fish_complete_suffix .json)'
complete -c gopm -n 'contains -- -- (commandline -opc)' -F

complete -c gopm -n '__gopm_at ""' -a stop -d 'Stop processes'
complete -c gopm -n '__gopm_at stop' -a '(__gopm_live processes-or-all)'

complete -c gopm -n '__gopm_at ""' -a restart -d 'Stop and start processes; sets the restart counter to 0'
complete -c gopm -n '__gopm_at restart' -a '(__gopm_live processes-or-all)'

complete -c gopm -n '__gopm_at ""' -a delete -d 'Stop processes and forget them; their logs stay'
complete -c gopm -n '__gopm_at delete' -a '(__gopm_live processes-or-all)'
complete -c gopm -n '__gopm_at del' -a '(__gopm_live processes-or-all)'

complete -c gopm -n '__gopm_at ""' -a list -d 'List all processes'
complete -c gopm -n '__gopm_at list' -s p -l ports -d 'Show listening ports'
complete -c gopm -n '__gopm_at ls' -s p -l ports -d 'Show listening ports'

complete -c gopm -n '__gopm_at ""' -a watch -d 'Show the list and keep it up to date'
complete -c gopm -n '__gopm_at watch' -s i -l interval -x -d 'Seconds between two looks. (default: 1)'
complete -c gopm -n '__gopm_at watch' -s t -l timeout -x -d 'End after so many seconds; 0 = never. (default: 0)'
complete -c gopm -n '__gopm_at watch' -s p -l ports -d 'Show listening ports'
complete -c gopm -n '__gopm_at watch first' -a '(__gopm_live processes-or-all)'

complete -c gopm -n '__gopm_at ""' -a stats -d 'Show charts of CPU, memory, uptime and restarts'
complete -c gopm -n '__gopm_at stats' -l hours -x -d 'Hours of history, at most 18. (default: 6)'
complete -c gopm -n '__gopm_at stats' -l cpu -d 'Show the CPU chart'
complete -c gopm -n '__gopm_at stats' -l mem -d 'Show the memory chart'
complete -c gopm -n '__gopm_at stats' -l uptime -d 'Show the uptime chart'
complete -c gopm -n '__gopm_at stats' -l all -d 'Show all charts, the restarts too. (default)'
complete -c gopm -n '__gopm_at stats first' -a '(__gopm_live processes-or-all)'

complete -c gopm -n '__gopm_at ""' -a metrics -d 'Print all numbers of the telemetry as OpenMetrics text'

complete -c gopm -n '__gopm_at ""' -a gui -d 'Manage processes on the whole screen'
complete -c gopm -n '__gopm_at gui' -l refresh -x -d 'Time between two looks at CPU, memory and uptimes. (default: 1s)'

complete -c gopm -n '__gopm_at ""' -a describe -d 'Show everything about a process'
complete -c gopm -n '__gopm_at describe first' -a '(__gopm_live processes)'

complete -c gopm -n '__gopm_at ""' -a isrunning -d 'Tell by the exit code whether a process is online'
complete -c gopm -n '__gopm_at isrunning first' -a '(__gopm_live processes)'

complete -c gopm -n '__gopm_at ""' -a pid -d 'Show everything about any process'
complete -c gopm -n '__gopm_at pid' -l tree -d 'Show its parents, and the processes below it'
complete -c gopm -n '__gopm_at pid' -l fds -d 'Show its open files, and who has the other end of its pipes and sockets'
complete -c gopm -n '__gopm_at pid' -l env -d 'Show its environment'
complete -c gopm -n '__gopm_at pid' -l net -d 'Show its sockets, and who is at the other end'
complete -c gopm -n '__gopm_at pid' -l raw -d 'Show the files of /proc themselves'
complete -c gopm -n '__gopm_at pid' -l version -d 'Show the version'
complete -c gopm -n '__gopm_at pid first' -a '(__gopm_live pids)'

complete -c gopm -n '__gopm_at ""' -a logs -d 'Show the logs of a process'
complete -c gopm -n '__gopm_at logs' -s n -l lines -x -d 'Lines to show. (default: 20; all with --since, --grep)'
complete -c gopm -n '__gopm_at logs' -s f -l follow -d 'Go on with what comes, until Ctrl-C'
complete -c gopm -n '__gopm_at logs' -l err -d 'Show standard error only'
complete -c gopm -n '__gopm_at logs' -l out -d 'Show standard output only'
complete -c gopm -n '__gopm_at logs' -s d -l daemon -d 'Show the daemon\'s own log'
complete -c gopm -n '__gopm_at logs' -l since -x -d 'Nothing older than 10m, 2h, 3d ago, or than a time'
complete -c gopm -n '__gopm_at logs' -l until -x -d 'Nothing newer'
complete -c gopm -n '__gopm_at logs' -l grep -x -d 'Only lines that match an extended regular expression'
complete -c gopm -n '__gopm_at logs' -s v -l invert -d 'With --grep: only lines that don\'t match'
complete -c gopm -n '__gopm_at logs' -l raw -d 'Only what the program wrote: no timestamps, no tags'
complete -c gopm -n '__gopm_at logs' -l version -d 'Show the version'
complete -c gopm -n '__gopm_at logs first' -a '(__gopm_live processes-or-all)'

complete -c gopm -n '__gopm_at ""' -a flush -d 'Empty the logs of processes and remove the rotated ones'
complete -c gopm -n '__gopm_at flush' -a '(__gopm_live processes-or-all)'

complete -c gopm -n '__gopm_at ""' -a export -d 'Print processes as an ecosystem file, or a sample config'
complete -c gopm -n '__gopm_at export' -s n -l new -d 'Print a sample gopm.config.json with all defaults'
complete -c gopm -n '__gopm_at export' -l full -d 'Print every setting, also defaults'
complete -c gopm -n '__gopm_at export' -a '(__gopm_live processes-or-all)'

complete -c gopm -n '__gopm_at ""' -a import -d 'Start the processes of files, except those that exist'
complete -c gopm -n '__gopm_at import' -F

complete -c gopm -n '__gopm_at ""' -a pm2 -d 'Move PM2\'s processes to gopm'
complete -c gopm -n '__gopm_at pm2' -l dry -d 'Show what would be started, as JSON, and change nothing'
complete -c gopm -n '__gopm_at pm2' -l from -r -F -d 'Read a dump.pm2 or an ecosystem file instead of PM2\'s list'
complete -c gopm -n '__gopm_at pm2' -l pm2-home -x -a '(__fish_complete_directories)' -d 'PM2\'s home. (default: $PM2_HOME, else ~/.pm2)'
complete -c gopm -n '__gopm_at pm2' -l keep -d 'Leave a stopped entry in PM2 instead of removing it'
complete -c gopm -n '__gopm_at pm2' -l rollback -d 'Put the last migration back into PM2'
complete -c gopm -n '__gopm_at pm2' -l version -d 'Show the version'

complete -c gopm -n '__gopm_at ""' -a save -d 'Not needed: the list is saved after every change'

complete -c gopm -n '__gopm_at ""' -a resurrect -d 'Start the saved processes that should run and do not'

complete -c gopm -n '__gopm_at ""' -a mcp -d 'Let AI tools look at and manage processes (Model Context Protocol)'
complete -c gopm -n '__gopm_at mcp' -l stdio -d 'Serve the client on standard input and output'
complete -c gopm -n '__gopm_at mcp' -l version -d 'Show the version'

complete -c gopm -n '__gopm_at ""' -a status -d 'Show the configuration, the daemon and the service'
complete -c gopm -n '__gopm_at status' -l validate -d 'Only check the config file'

complete -c gopm -n '__gopm_at ""' -a ping -d 'Ask the daemon for a sign of life'

complete -c gopm -n '__gopm_at ""' -a version -d 'Show the versions of gopm and of the running daemon'

complete -c gopm -n '__gopm_at ""' -a kill -d 'Stop all processes and the daemon'

complete -c gopm -n '__gopm_at ""' -a reboot -d 'Replace the daemon by the one beside gopm; processes go on'
complete -c gopm -n '__gopm_at reboot' -l cold -d 'Stop all processes, and start them under the new daemon'
complete -c gopm -n '__gopm_at reboot' -s f -l force -d 'Accepted and without effect'

complete -c gopm -n '__gopm_at ""' -a install -d 'Have systemd run the daemon, also after a reboot of the machine'
complete -c gopm -n '__gopm_at install' -l user -x -d 'Whose processes it runs. (default: who called sudo, else you)'
complete -c gopm -n '__gopm_at install' -l user-service -d 'Install it for your own systemd, without root; it runs while you are logged in'

complete -c gopm -n '__gopm_at ""' -a uninstall -d 'Stop the service and remove what install made'

complete -c gopm -n '__gopm_at ""' -a suspend -d 'Stop the service and all processes until unsuspend'

complete -c gopm -n '__gopm_at ""' -a unsuspend -d 'Start the service again, with what was online'

complete -c gopm -n '__gopm_at ""' -a help -d 'Explain a command'
complete -c gopm -n '__gopm_at help first' -a 'start stop restart delete list watch stats metrics gui describe isrunning pid logs flush export import pm2 save resurrect mcp status ping version kill reboot install uninstall suspend unsuspend'

complete -c gopm-logs -f
complete -c gopm-logs -s n -l lines -x -d 'Lines to show. (default: 20; all with --since, --grep)'
complete -c gopm-logs -s f -l follow -d 'Go on with what comes, until Ctrl-C'
complete -c gopm-logs -l err -d 'Show standard error only'
complete -c gopm-logs -l out -d 'Show standard output only'
complete -c gopm-logs -s d -l daemon -d 'Show the daemon\'s own log'
complete -c gopm-logs -l since -x -d 'Nothing older than 10m, 2h, 3d ago, or than a time'
complete -c gopm-logs -l until -x -d 'Nothing newer'
complete -c gopm-logs -l grep -x -d 'Only lines that match an extended regular expression'
complete -c gopm-logs -s v -l invert -d 'With --grep: only lines that don\'t match'
complete -c gopm-logs -l raw -d 'Only what the program wrote: no timestamps, no tags'
complete -c gopm-logs -l version -d 'Show the version'
complete -c gopm-logs -l json -d 'Print JSON and nothing else'
complete -c gopm-logs -l config -r -k -a '(__fish_complete_suffix .json)' -d 'Config file. (default: gopm.config.json in the home, then in /etc)'
complete -c gopm-logs -l debug -d 'Log level debug for a daemon that this command starts'
complete -c gopm-logs -s h -l help -d 'Show help information'
complete -c gopm-logs -n '__gopm_at logs first' -a '(__gopm_live processes-or-all)'

complete -c gopm-mcp -f
complete -c gopm-mcp -l stdio -d 'Serve the client on standard input and output'
complete -c gopm-mcp -l version -d 'Show the version'
complete -c gopm-mcp -l json -d 'Print JSON and nothing else'
complete -c gopm-mcp -l config -r -k -a '(__fish_complete_suffix .json)' -d 'Config file. (default: gopm.config.json in the home, then in /etc)'
complete -c gopm-mcp -l debug -d 'Log level debug for a daemon that this command starts'
complete -c gopm-mcp -s h -l help -d 'Show help information'

complete -c gopm-pid -f
complete -c gopm-pid -l tree -d 'Show its parents, and the processes below it'
complete -c gopm-pid -l fds -d 'Show its open files, and who has the other end of its pipes and sockets'
complete -c gopm-pid -l env -d 'Show its environment'
complete -c gopm-pid -l net -d 'Show its sockets, and who is at the other end'
complete -c gopm-pid -l raw -d 'Show the files of /proc themselves'
complete -c gopm-pid -l version -d 'Show the version'
complete -c gopm-pid -l json -d 'Print JSON and nothing else'
complete -c gopm-pid -l config -r -k -a '(__fish_complete_suffix .json)' -d 'Config file. (default: gopm.config.json in the home, then in /etc)'
complete -c gopm-pid -l debug -d 'Log level debug for a daemon that this command starts'
complete -c gopm-pid -s h -l help -d 'Show help information'
complete -c gopm-pid -n '__gopm_at pid first' -a '(__gopm_live pids)'

complete -c gopm-pm2 -f
complete -c gopm-pm2 -l dry -d 'Show what would be started, as JSON, and change nothing'
complete -c gopm-pm2 -l from -r -F -d 'Read a dump.pm2 or an ecosystem file instead of PM2\'s list'
complete -c gopm-pm2 -l pm2-home -x -a '(__fish_complete_directories)' -d 'PM2\'s home. (default: $PM2_HOME, else ~/.pm2)'
complete -c gopm-pm2 -l keep -d 'Leave a stopped entry in PM2 instead of removing it'
complete -c gopm-pm2 -l rollback -d 'Put the last migration back into PM2'
complete -c gopm-pm2 -l version -d 'Show the version'
complete -c gopm-pm2 -l json -d 'Print JSON and nothing else'
complete -c gopm-pm2 -l config -r -k -a '(__fish_complete_suffix .json)' -d 'Config file. (default: gopm.config.json in the home, then in /etc)'
complete -c gopm-pm2 -l debug -d 'Log level debug for a daemon that this command starts'
complete -c gopm-pm2 -s h -l help -d 'Show help information'

complete -c gopmd -f
complete -c gopmd -l log-level -x -a 'debug info warn error' -d 'What daemon.log tells: debug, info, warn or error. (default: debug)'
complete -c gopmd -l version -d 'Show the version'
complete -c gopmd -l config -r -k -a '(__fish_complete_suffix .json)' -d 'Config file. (default: gopm.config.json in the home, then in /etc)'
complete -c gopmd -l debug -d 'The same as --log-level debug'
complete -c gopmd -s h -l help -d 'Show help information'
