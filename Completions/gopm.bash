# Completion of gopm and its programs for bash. Made by Documentation/generate; change that, not this.
#
# Needs bash 4.4 or newer and nothing else. Ask `complete -p gopm` whether it is loaded.

# Sets what a command takes: flags, options with what completes their value, words by their place, and whether the last
# of these repeats.
_gopm_takes() {
    flags=(--json --debug -h --help) options=([--config]=file:json) places=() repeats=
    case $1 in
    start) flags+=(--exp-backoff --wait) options+=([--name]=- [--cwd]=directory [--interpreter]=file [--env]=- [--autorestart]='words:always on-failure never' [--max-restarts]=- [--min-uptime]=- [--restart-delay]=- [--max-delay]=- [--restart-on-exit]=- [--no-restart-on-exit]=- [--kill-signal]='words:SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO SIGPWR SIGSYS' [--kill-timeout]=- [--log-out]=file [--log-err]=file [--max-log-size]=-) places=(live:startable) ;;
    stop) places=(live:processes-or-all) repeats=yes ;;
    restart) places=(live:processes-or-all) repeats=yes ;;
    delete | del) places=(live:processes-or-all) repeats=yes ;;
    list | ls) flags+=(-p --ports) ;;
    watch) flags+=(-p --ports) options+=([-i]=- [--interval]=- [-t]=- [--timeout]=-) places=(live:processes-or-all) ;;
    stats) flags+=(--cpu --mem --uptime --all) options+=([--hours]=-) places=(live:processes-or-all) ;;
    metrics) : ;;
    gui) options+=([--refresh]=-) ;;
    describe) places=(live:processes) ;;
    isrunning) places=(live:processes) ;;
    pid) flags+=(--tree --fds --env --net --raw --version) places=(live:pids) ;;
    logs) flags+=(-f --follow --err --out -d --daemon -v --invert --raw --version) options+=([-n]=- [--lines]=- [--since]=- [--until]=- [--grep]=-) places=(live:processes-or-all) ;;
    flush) places=(live:processes-or-all) repeats=yes ;;
    export) flags+=(-n --new --full) places=(live:processes-or-all) repeats=yes ;;
    import) places=(file) repeats=yes ;;
    pm2) flags+=(--dry --keep --rollback --version) options+=([--from]=file [--pm2-home]=directory) places=(-) repeats=yes ;;
    save) : ;;
    resurrect) : ;;
    mcp) flags+=(--stdio --version) places=('words:serve config') ;;
    status) flags+=(--validate) ;;
    ping) : ;;
    version) : ;;
    kill) : ;;
    reboot) flags+=(--cold -f --force) ;;
    install) flags+=(--user-service) options+=([--user]=-) ;;
    uninstall) : ;;
    suspend) : ;;
    unsuspend) : ;;
    gopmd) flags+=(--version) options+=([--log-level]='words:debug info warn error') ;;
    esac
}

# Candidates for a value of some kind; all of them as they would stand in the line.
_gopm_offer() {
    local kind=$1 value=$2 line file
    candidates=()
    case $kind in
    live:*)
        while IFS= read -r line; do
            candidates+=("${line%%$'\t'*}")
        done < <("$gopm" __complete "${kind#live:}" "$value" 2>/dev/null)
        ;;&
    words:*)
        mapfile -t candidates < <(compgen -W "${kind#words:}" -- "$value")
        ;;
    directory)
        compopt -o filenames
        mapfile -t candidates < <(compgen -d -- "$value")
        ;;
    file)
        compopt -o default
        ;;
    file:*)
        compopt -o filenames -o default
        mapfile -t candidates < <(compgen -d -- "$value"; compgen -f -X "!*.${kind#file:}" -- "$value")
        ;;
    live:startable)
        # What start can do something with; if nothing fits, every file.
        compopt -o filenames -o default
        while IFS= read -r file; do
            [[ -d $file || -x $file || $file == *.json ]] && candidates+=("$file")
        done < <(compgen -f -- "$value")
        ;;
    esac
}

_gopm() {
    local gopm=gopm line=$COMP_LINE index place=0 command= option= ended= word value head character
    local -a words=() candidates=() flags=() places=()
    local -A options=()
    local repeats=

    # bash divides words at : and = too, which are part of names and of --flag=value; put together what is joined.
    for ((index = 0; index <= COMP_CWORD; index++)); do
        if [[ $index -gt 0 && $line != [[:blank:]]* ]]; then
            words[-1]+=${COMP_WORDS[index]}
        else
            words+=("${COMP_WORDS[index]}")
        fi
        line=${line#"${line%%[![:blank:]]*}"}
        line=${line#"${COMP_WORDS[index]}"}
    done
    local current=${words[-1]}

    case ${words[0]##*/} in
    gopm) [[ ${words[0]} == */* ]] && gopm=${words[0]/#\~\//$HOME/} ;;
    *) command=${words[0]##*/} && command=${command#gopm-} ;;
    esac
    _gopm_takes "$command"

    # What stands before the cursor says what can stand there.
    for word in "${words[@]:1:${#words[@]}-2}"; do
        if [[ -n $option ]]; then
            option=
        elif [[ -n $ended || $word != -* ]]; then
            if [[ -z $command ]]; then
                command=$word
                _gopm_takes "$command"
            elif [[ -z $ended ]]; then
                ((place++))
            fi
        elif [[ $word == -- ]]; then
            ended=yes
        elif [[ -n ${options[$word]-} ]]; then
            option=$word
        fi
    done

    value=$current
    if [[ -n $option ]]; then
        _gopm_offer "${options[$option]}" "$value"
    elif [[ -n $ended ]]; then
        compopt -o default
    elif [[ $current == --*=* ]]; then
        value=${current#*=}
        _gopm_offer "${options[${current%%=*}]-}" "$value"
        candidates=("${candidates[@]/#/"${current%%=*}="}")
    elif [[ $current == -* ]]; then
        mapfile -t candidates < <(compgen -W "${flags[*]} ${!options[*]}" -- "$current")
    elif [[ -z $command ]]; then
        mapfile -t candidates < <(compgen -W "start stop restart delete list watch stats metrics gui describe isrunning pid logs flush export import pm2 save resurrect mcp status ping version kill reboot install uninstall suspend unsuspend help" -- "$current")
    elif [[ $command == help ]]; then
        mapfile -t candidates < <(compgen -W "start stop restart delete list watch stats metrics gui describe isrunning pid logs flush export import pm2 save resurrect mcp status ping version kill reboot install uninstall suspend unsuspend" -- "$current")
    else
        if [[ -n $repeats && $place -ge ${#places[@]} ]]; then place=$((${#places[@]} - 1)); fi
        _gopm_offer "${places[place]-}" "$value"
    fi

    # bash replaces only what follows the last character at which it divides words.
    head=
    for character in : = @; do
        if [[ $COMP_WORDBREAKS == *$character* && $current == *$character* ]]; then
            word=${current%"${current##*$character}"}
            # The word that is replaced begins with the @, where bash would complete a host.
            [[ $character == @ ]] && word=${word%@}
            [[ ${#word} -gt ${#head} ]] && head=$word
        fi
    done
    COMPREPLY=("${candidates[@]#"$head"}")
}

complete -F _gopm gopm gopm-logs gopm-mcp gopm-pid gopm-pm2 gopmd
