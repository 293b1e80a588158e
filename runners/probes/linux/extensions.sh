# shellcheck shell=sh
# VM extensions that the agent has on disk, and those that are at work.
# Prints: extension_folders (list), busy_extensions (list).
# Run Command is left out: it is how we come in, and it is at work while it asks.

directory=
[ -r /etc/waagent.conf ] && directory=$(sed -n 's/^[[:space:]]*Lib\.Dir[[:space:]]*=[[:space:]]*\([^#[:space:]]*\).*$/\1/p' /etc/waagent.conf | tail -n 1)
directory=${directory:-/var/lib/waagent}

# Microsoft.Azure.Monitor.AzureMonitorLinuxAgent-1.33.1
look_at_folders() {
    if [ -d "$directory" ] && [ ! -x "$directory" ]; then
        echo "?$directory cannot be entered"
        return
    fi
    for path in "$directory"/*.*-[0-9]*; do
        case ${path##*/} in
        WALinuxAgent-* | Microsoft.CPlat.Core.RunCommand*) continue ;;
        esac
        [ -d "$path" ] && printf '%s\n' "${path##*/}"
    done
}

# status/3.status of the highest number: [{"version": 1, "status": {"status": "transitioning", ...
look_at_status() {
    look_at_folders | while IFS= read -r name; do
        case $name in
        '?'*)
            printf '%s\n' "$name"
            continue
            ;;
        esac
        highest=-1
        for file in "$directory/$name"/status/*.status; do
            number=${file##*/}
            number=${number%.status}
            case $number in '' | *[!0-9]*) continue ;; esac
            [ "$number" -le "$highest" ] || highest=$number
        done
        [ "$highest" -ge 0 ] && grep -Eiq '"status"[[:space:]]*:[[:space:]]*"transitioning"' "$directory/$name/status/$highest.status" &&
            printf '%s\n' "$name"
    done
}

look_at_folders | items extension_folders
look_at_status | items busy_extensions
