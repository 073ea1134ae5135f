#!/bin/sh
# Eider @VERSION@ for @PLATFORM@: the program in one file.
#
# This header is the launcher; what follows it is compressed. The first start unpacks it into a cache folder, named by
# version and content, and every start runs it from there. Needed: a POSIX shell, coreutils or busybox, and gzip (for
# the first start only). EIDER_CACHE_DIR names the folder. docs/install.md and docs/adr/0003-a-self-extracting-executable.md
# tell the rest.
#
# shellcheck disable=SC2317 # functions that are called by their name in a variable

eider_id='@ID@'
eider_self=$0
eider_bytes=@BYTES@
# What follows, from this offset on: files in gzip with their compressed sizes, then an archive that the runtime reads.
eider_offset=@OFFSET@
eider_parts='@PARTS@'
# Every file with its size, in the order of `ls`.
eider_names='@NAMES@'
eider_sizes='@SIZES@'

# The tools of the system, whatever PATH says; the program gets its own PATH back.
eider_path=${PATH-}
eider_path_is_set=${PATH+yes}
PATH=/usr/bin:/bin:/usr/sbin:/sbin:$eider_path

eider_fail() {
  echo "eider: $1" >&2
  exit 1
}

# FOLDER: whether it is this user's own, private, and has every file at its size.
eider_is_whole() (
  if [ ! -O "$1" ] || ! cd "$1" 2>/dev/null; then exit 1; fi
  set -f
  # shellcheck disable=SC2046,SC2086 # names without spaces, on purpose as single words
  set -- $(env -i LC_ALL=C "PATH=$PATH" ls -ldn . $eider_names 2>/dev/null)
  case ${1-} in drwx------ | drwx------[.@]) ;; *) exit 1 ;; esac
  shift 9
  seen=
  while [ $# -ge 9 ]; do
    seen="$seen$5 "
    shift 9
  done
  [ "$seen" = "$eider_sizes " ]
)

# FUNCTION: calls it with each cache folder until it succeeds.
eider_each_cache() {
  if [ -n "${EIDER_CACHE_DIR-}" ]; then
    "$1" "$EIDER_CACHE_DIR"
    return
  fi
  case ${XDG_CACHE_HOME-} in /*) "$1" "$XDG_CACHE_HOME/eider" && return ;; esac
  case ${HOME-} in /?*) [ -d "$HOME" ] && "$1" "$HOME/.cache/eider" && return ;; esac
  eider_user=$(id -u)
  "$1" "/var/tmp/eider-$eider_user" && return
  "$1" "${TMPDIR:-/tmp}/eider-$eider_user"
}

# CACHE: finds the program there. In somebody else's folder it could be changed between this look and the start.
eider_find() {
  [ -O "$1" ] && [ ! -h "$1/$eider_id" ] && eider_is_whole "$1/$eider_id" && eider_folder=$1/$eider_id
}

# OFFSET BYTES: that part of this file, decompressed.
eider_part() {
  tail -c "+$(($1 + 1))" "$eider_self" | head -c "$2" | gzip -dc
}

# CACHE: unpacks into a folder of its own there, which then takes its place at once. Says on stdout why it cannot.
eider_unpack_into() {
  umask 077
  cache=$1
  case $cache in /*) ;; *) echo "not an absolute path" && exit 1 ;; esac
  mkdir -p "$cache" || exit 1
  if [ ! -O "$cache" ] || [ -h "$cache" ]; then echo "belongs to another user" && exit 1; fi
  case $(ls -ld "$cache") in d????-??-?*) ;; *) echo "others may write there" && exit 1 ;; esac
  work=$cache/.unpacking-$(uname -n)-$$
  trap 'rm -rf "$work"' EXIT
  trap 'exit 1' HUP INT TERM
  rm -rf "$work"
  mkdir "$work" || exit 1
  printf '#!/bin/sh\n' >"$work/probe" && chmod 700 "$work/probe" || exit 1
  "$work/probe" || { echo "programs cannot be run there: mounted noexec" && exit 1; }
  rm "$work/probe"

  # The large files side by side.
  offset=$eider_offset
  processes=
  # shellcheck disable=SC2086 # paths without spaces and numbers, on purpose as single words
  set -- $eider_parts
  while [ $# -gt 0 ]; do
    mkdir -p "$work/${1%/*}" || exit 1
    eider_part "$offset" "$2" >"$work/$1" &
    processes="$processes $!"
    offset=$((offset + $2))
    shift 2
  done
  problem=
  for process in $processes; do wait "$process" || problem=yes; done
  [ -z "$problem" ] || exit 1

  chmod 700 "$work/lib/eider" || exit 1
  DENO_DIR=$work/deno NO_COLOR=1 "$work/lib/eider" run -A --quiet --no-check --no-config --no-lock \
    "$work/unpack/unpack.ts" "$eider_self" "$offset" "$work" "$cache/$eider_id" </dev/null
}

# CACHE: unpacks there, or remembers the reason.
eider_unpack() {
  if eider_reason=$(eider_unpack_into "$1" 2>&1) && eider_find "$1"; then return 0; fi
  # The last line says most: a shell's error stands before it, Rust's advice behind it.
  eider_reason=$(printf '%s\n' "${eider_reason:-cannot be used}" | grep -v '^note: ' | tail -n 1)
  eider_tried="$eider_tried${eider_tried:+; }$1 ($eider_reason)"
  return 1
}

# ARGUMENTS: starts the program; this shell becomes it.
eider_main() {
  eider_folder=
  eider_tried=
  if ! eider_each_cache eider_find; then
    [ "$(uname -sm)" = '@MACHINE@' ] || eider_fail "this executable is for @PLATFORM@, and this machine is $(uname -sm)"
    eider_loader='@LOADER@'
    [ -z "$eider_loader" ] || [ -e "$eider_loader" ] || eider_fail "$eider_loader is missing: a system with glibc is needed"
    [ "$(wc -c <"$eider_self")" -eq "$eider_bytes" ] || eider_fail "$eider_self is damaged: it should have $eider_bytes bytes"
    command -v gzip >/dev/null || eider_fail "gzip is not installed: the first start needs it"
    eider_each_cache eider_unpack ||
      eider_fail "cannot unpack itself, no folder is usable: $eider_tried. Name one with EIDER_CACHE_DIR"
  fi
  unset EIDER_CACHE_DIR
  if [ -n "$eider_path_is_set" ]; then PATH=$eider_path; else unset PATH; fi
  exec "$eider_folder/bin/eider" "$@"
}

eider_main "$@"
exit 1
