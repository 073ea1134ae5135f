#!/usr/bin/env bash
# Installs the clients of the compatibility tests (tests/clients) into .clients/, each once: a stamp of its version list keeps the
# second run short. What cannot be installed here is named and left out; its tests are then reported as skipped.
#
#   scripts/install_clients.sh [python|java|go|rust|node|dbt|percli]...      all of them by default
#
# Debian packages (psql, postgresql) are the business of .ci/run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root="$PWD/.clients"
clients="$PWD/tests/clients"
mkdir -p "$root"

# install NAME STAMP-SOURCE COMMAND...: runs the command unless it has succeeded with the same source before
install() {
  local name="$1" source="$2"
  if [[ ! -e "$source" ]]; then return; fi
  shift 2
  local stamp
  stamp="$(find "$source" -type f -print0 | sort -z | xargs -0 cat | sha256sum)"
  if [[ "$(cat "$root/$name.stamp" 2>/dev/null)" == "$stamp" ]]; then return; fi
  echo "installing $name"
  if "$@" >"$root/$name.log" 2>&1; then
    echo "$stamp" >"$root/$name.stamp"
  else
    echo "$name cannot be installed here: $(tail -n 1 "$root/$name.log")"
  fi
}

python_clients() {
  python3 -m venv "$root/python" && "$root/python/bin/pip" install -q --disable-pip-version-check -r "$clients/python/requirements.txt"
}

dbt_client() {
  python3 -m venv "$root/dbt" && "$root/dbt/bin/pip" install -q --disable-pip-version-check -r "$clients/dbt/requirements.txt"
}

java_client() {
  mkdir -p "$root/java" &&
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy "-Dartifact=$(cat "$clients/java/driver.txt")" "-DoutputDirectory=$root/java" -Dmdep.stripVersion=true
}

go_clients() {
  (cd "$clients/go" && go build -o "$root/go/" ./...)
}

percli_client() {
  (cd "$clients/percli" && go build -o "$root/percli/percli" github.com/perses/perses/cmd/percli)
}

rust_client() {
  (cd "$clients/rust" && cargo build -q --release --locked --target-dir "$root/rust")
}

node_clients() {
  mkdir -p "$root/node" && cp "$clients/node/package.json" "$root/node/" && (cd "$root/node" && npm install --silent --no-audit --no-fund --ignore-scripts)
}

wanted=("$@")
if ((${#wanted[@]} == 0)); then wanted=(python java go rust node dbt percli); fi
for name in "${wanted[@]}"; do
  case "$name" in
    python) install python "$clients/python/requirements.txt" python_clients ;;
    java) install java "$clients/java/driver.txt" java_client ;;
    go) install go "$clients/go" go_clients ;;
    rust) install rust "$clients/rust" rust_client ;;
    dbt) install dbt "$clients/dbt/requirements.txt" dbt_client ;;
    node) install node "$clients/node/package.json" node_clients ;;
    percli) install percli "$clients/percli" percli_client ;;
    *)
      echo "unknown client: $name (python, java, go, rust, node, dbt, percli)" >&2
      exit 2
      ;;
  esac
done
