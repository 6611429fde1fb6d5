#!/bin/sh
# systemd.sh FOLDER COMMANDS: a systemd in user mode, in namespaces and control groups of its own, for which the
# units in FOLDER/units stand; when it is ready, sh runs COMMANDS beside it. All ends with them. Takes root.
set -eu
if [ "$1" != --inside ]; then
  group=$(basename "$1")
  groups=''
  # One hierarchy, or the older ones side by side.
  for root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
    [ -e "$root/cgroup.procs" ] || continue
    mkdir "$root/$group"
    groups="$groups $root/$group"
  done
  status=0
  (
    for one in $groups; do sh -c 'echo $PPID >"$1/cgroup.procs"' - "$one"; done
    exec unshare --pid --fork --kill-child --mount-proc --cgroup "$0" --inside "$@"
  ) || status=$?
  # What was below is gone, but the kernel may take a moment.
  for one in $groups; do
    until find "$one" -depth -type d -exec rmdir {} + 2>/dev/null; do sleep 0.1; done
  done
  exit "$status"
fi

folder=$2
# It asks by this whether the machine is systemd's.
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/system "$folder/run" "$folder/home/.config/systemd"
chmod 700 "$folder/run"
ln -sfn "$folder/units" "$folder/home/.config/systemd/user"
unset DBUS_SESSION_BUS_ADDRESS XDG_CONFIG_HOME
export XDG_RUNTIME_DIR="$folder/run" HOME="$folder/home"
/lib/systemd/systemd --user --log-target=console 2>"$folder/systemd.log" &
# "starting" while it has not come to an end with its own units.
until systemctl --user is-system-running 2>/dev/null | grep -qE 'running|degraded'; do sleep 0.1; done
sh -c "$3"
