# shellcheck shell=bash
# Read by the forced command and the hooks: one call of the internal API with nothing but bash, since a push waits for
# each of them. GITLAB_API_PORT and GITLAB_API_SECRET come from sshd's SetEnv.
LC_ALL=C

# Calls $1 with the body in $2; leaves the lines of the answer in the array `answer`. False when the API cannot be
# reached.
internal_api() {
  local head line
  exec 9<>"/dev/tcp/127.0.0.1/$GITLAB_API_PORT" || return 1
  printf -v head '%s\r\n' \
    "POST /api/v4/internal/$1 HTTP/1.1" 'Host: localhost' 'Connection: close' 'Accept: text/plain' \
    'Content-Type: text/plain' "Gitlab-Shared-Secret: $GITLAB_API_SECRET" "Content-Length: ${#2}"
  # In one piece: a second one would wait until the first is acknowledged.
  printf '%s\r\n%s' "$head" "$2" >&9 || return 1
  read -r line <&9 || return 1
  while IFS= read -r line <&9 && [ "$line" != $'\r' ]; do :; done
  mapfile -t answer <&9
  exec 9>&-
  [ "${#answer[@]}" -gt 0 ]
}
