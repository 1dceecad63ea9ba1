#!/bin/sh
# Kills every process that carries the folder's mark or works with its files, and removes the folder: at each line of
# standard input, answered by a line, and once more at its end. That is the end of the process that made the folder,
# however it died; until then that process may have written into the folder again.
folder=$1
case $folder in
  /tmp/gh-?*) ;;
  *)
    echo "Cannot sweep $folder as only folders of the lab may be removed." >&2
    exit 2
    ;;
esac
trap '' HUP INT TERM

# By mark, by another variable or argument that names a file inside, or by working directory; never the maker itself.
members() {
  {
    grep -lszE "^GIT_HANDOVER_LAB=$folder\$|$folder/" /proc/[0-9]*/environ /proc/[0-9]*/cmdline
    find /proc/[0-9]*/cwd -prune -lname "$folder*"
  } 2>/dev/null | cut -d/ -f3 | grep -vxE "$$|$PPID" | sort -u
}

sweep() {
  rounds=0
  while pids=$(members) && [ -n "$pids" ] && [ "$rounds" -lt 200 ]; do
    # shellcheck disable=SC2086 # One argument for each process.
    kill -KILL $pids 2>/dev/null
    rounds=$((rounds + 1))
    sleep 0.02
  done
  # Small disks of a lab that were mounted inside.
  awk -v inside="$folder/" 'index($2, inside) == 1 { print $2 }' /proc/mounts | while read -r mount; do
    umount -l "$mount"
  done
  rm -rf -- "$folder"
}

while read -r _; do
  sweep
  echo swept
done
sweep
