# shellcheck shell=sh
# The Azure Linux agent: where it is, whether it runs, its effective configuration, its unit.
# Prints: agent_path, agent_version, agent_traceback, agent_configuration (list), agent_unit_enabled,
# agent_unit_active, agent_disabled_file.
#
# The agent is asked itself, since only it knows its defaults. Starting it creates /var/log/azure where that is
# missing; nothing else is written.

agent=
for candidate in "$(command -v waagent)" /usr/sbin/waagent /usr/bin/waagent /usr/share/oem/bin/waagent; do
    if [ -n "$candidate" ] && [ -f "$candidate" ] && [ -x "$candidate" ]; then
        agent=$candidate
        break
    fi
done

look_at_version() {
    output=$(bounded 60 "$agent" -version 2>&1)
    code=$?
    # The version may follow warnings of Python: WALinuxAgent-2.7.3.0 running on debian 12
    version=$(printf '%s\n' "$output" | sed -n '/^WALinuxAgent-/{p;q;}')
    traceback=
    case $output in
    *'Traceback (most recent call last)'*)
        traceback=$(printf '%s\n' "$output" | grep '[^[:space:]]' | tail -n 1)
        traceback=${traceback:-a traceback without a last line}
        ;;
    esac
    if [ -z "$version$traceback" ]; then
        unknown agent_version "'$agent -version' ended with $code and printed no version; last line: $(printf '%s\n' "$output" | tail -n 1)"
        return
    fi
    fact agent_version "$version"
    fact agent_traceback "$traceback"
}

# Only settings that decide what deprovisioning does: a proxy's password, say, may stand among the others.
look_at_configuration() {
    output=$(bounded 60 "$agent" -show-configuration)
    code=$?
    if [ "$code" -ne 0 ]; then
        unknown agent_configuration "'$agent -show-configuration' ended with $code"
        return
    fi
    printf '%s\n' "$output" | {
        count=0
        while IFS= read -r line; do
            case $line in
            Provisioning.*' = '* | AutoUpdate.*' = '* | ResourceDisk.*' = '* | Lib.Dir' = '* | Extension.LogDir' = '* | \
                OS.SshDir' = '* | OS.PasswordPath' = '* | OS.SudoersDir' = '* | OS.HomeDir' = '*)
                item agent_configuration "$line"
                count=$((count + 1))
                ;;
            esac
        done
        if [ "$count" -eq 0 ]; then
            unknown agent_configuration "'$agent -show-configuration' printed no setting"
        else
            total agent_configuration "$count"
        fi
    }
}

# `systemctl is-enabled` says `not-found`, or on stderr "... No such file or directory", where there is no such unit.
look_at_unit() {
    if ! command -v systemctl >/dev/null; then
        unknown agent_unit_enabled "systemctl is not installed"
        unknown agent_unit_active "systemctl is not installed"
        return
    fi
    for unit in walinuxagent waagent; do
        state=$(bounded 20 systemctl is-enabled "$unit.service" 2>&1)
        case $state in
        not-found | *'No such file or directory'*) continue ;;
        esac
        word agent_unit_enabled "systemctl is-enabled $unit.service" "$state"
        word agent_unit_active "systemctl is-active $unit.service" "$(bounded 20 systemctl is-active "$unit.service" 2>&1)"
        return
    done
    absent agent_unit_enabled
    absent agent_unit_active
}

# word KEY COMMAND OUTPUT: the last line of systemctl's output, where that is a single word
word() {
    last=$(printf '%s\n' "$3" | tail -n 1)
    case $last in
    '' | *[!a-z-]*) unknown "$1" "'$2' printed: $last" ;;
    *) fact "$1" "$last" ;;
    esac
}

if [ -z "$agent" ]; then
    absent agent_path
    absent agent_configuration
elif ! command -v timeout >/dev/null; then
    unknown agent_path "timeout is not installed, and the agent is not started without it"
    unknown agent_configuration "timeout is not installed, and the agent is not started without it"
else
    fact agent_path "$agent"
    look_at_version
    look_at_configuration
fi
look_at_unit

home=/var/lib/waagent
if [ -d "$home" ] && [ ! -x "$home" ]; then
    unknown agent_disabled_file "$home cannot be entered"
elif [ -e "$home/disable_agent" ]; then
    fact agent_disabled_file true
else
    fact agent_disabled_file false
fi
