#!/bin/sh
# Waits for the end of standard input, which is the end of the process that made this folder, however it died. Then kills every
# process that carries the folder's mark and removes the folder.
folder=$1
case $folder in /tmp/gh-?*) ;; *) echo "Cannot sweep $folder as only folders of the lab may be removed." >&2; exit 2 ;; esac
trap '' HUP INT TERM
cat > /dev/null

marked() {
  grep -lszE "^GIT_HANDOVER_LAB=$folder(/.*)?\$" /proc/[0-9]*/environ | cut -d/ -f3
}

rounds=0
while pids=$(marked) && [ -n "$pids" ] && [ "$rounds" -lt 200 ]; do
  kill -KILL $pids 2>/dev/null
  rounds=$((rounds + 1))
  sleep 0.02
done
rm -rf -- "$folder"
