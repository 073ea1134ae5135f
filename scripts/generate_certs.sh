#!/bin/sh
# Makes a certificate authority and a server certificate for TLS, with openssl.
#
#   scripts/generate_certs.sh [--force] [DIRECTORY [NAME ...]]
#
# DIRECTORY defaults to ./certs, NAMEs (DNS names or IP addresses) to localhost, 127.0.0.1, ::1 and this machine's name.
# Files: ca.crt (give it to clients), ca.key (keep it away from the server), server.crt with the CA appended, server.key.
# An existing authority is used again, so that clients keep trusting; --force replaces it.
# Keys and the directory are readable by their owner alone: give server.key to the user that Eider runs as.
set -eu

ca_days=3650
server_days=825 # the longest that common TLS clients take

usage() {
  sed -n '2,9s/^# \{0,1\}//p' "$0"
}

force=no
while [ $# -gt 0 ]; do
  case "$1" in
    --force) force=yes; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) echo "generate_certs.sh: unknown option: $1; accepted: --force, --help" >&2; exit 2 ;;
    *) break ;;
  esac
done
command -v openssl >/dev/null || { echo "generate_certs.sh: openssl is not installed" >&2; exit 1; }

fail() {
  echo "generate_certs.sh: $1" >&2
  exit "${2:-1}"
}

directory=${1:-certs}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- localhost 127.0.0.1 ::1 "$(uname -n)"

names=
for name in "$@"; do
  case "$name" in
    '' | *[!A-Za-z0-9.:*_-]*) fail "$name: is neither a DNS name nor an IP address (one without a mask or zone)" 2 ;;
    *:*) kind=IP ;;
    *[!0-9.]*) kind=DNS ;;
    *) kind=IP ;;
  esac
  case ",$names," in *",$kind:$name,"*) ;; *) names="${names:+$names,}$kind:$name" ;; esac
done

umask 077 # keys are for their owner alone
mkdir -p "$directory"
work=$(mktemp -d "$directory/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT

# What openssl says is shown only when it fails.
run_openssl() {
  openssl "$@" 2>"$work/errors" || fail "openssl $1 failed: $(grep -v '^-*$' "$work/errors" | tail -n 3 | tr '\n' ' ')"
}

authority=$directory
if [ "$force" = yes ] || [ ! -f "$directory/ca.crt" ] || [ ! -f "$directory/ca.key" ]; then
  run_openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -days "$ca_days" \
    -subj "/CN=Eider local CA" -keyout "$work/ca.key" -out "$work/ca.crt" \
    -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign"
  authority=$work
fi

cat >"$work/extensions" <<EXTENSIONS
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth
subjectAltName=$names
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
EXTENSIONS
common_name=$1 # clients look at the names above; this one is for people, and has a limit
[ "${#common_name}" -le 64 ] || common_name="Eider server"
run_openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -sha256 -subj "/CN=$common_name" \
  -keyout "$work/server.key" -out "$work/server.csr"
run_openssl x509 -req -in "$work/server.csr" -CA "$authority/ca.crt" -CAkey "$authority/ca.key" -sha256 \
  -set_serial "0x$(openssl rand -hex 16 | sed 's/^./4/')" -days "$server_days" \
  -extfile "$work/extensions" -out "$work/server.pem"
run_openssl verify -CAfile "$authority/ca.crt" "$work/server.pem" >/dev/null
cat "$work/server.pem" "$authority/ca.crt" >"$work/server.crt"
chmod 644 "$work/server.crt" "$authority/ca.crt"
# Nothing is replaced before everything has worked.
if [ "$authority" = "$work" ]; then
  mv "$work/ca.key" "$directory/ca.key"
  mv "$work/ca.crt" "$directory/ca.crt"
fi
# A running server takes the pair over when both files fit together.
mv "$work/server.key" "$directory/server.key"
mv "$work/server.crt" "$directory/server.crt"

echo "server certificate for $names"
echo "  tls_cert: $directory/server.crt"
echo "  tls_key:  $directory/server.key"
echo "clients:    psql \"host=$1 sslmode=verify-full sslrootcert=$directory/ca.crt ...\""
