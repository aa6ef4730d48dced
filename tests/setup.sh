#!/usr/bin/env bash
# Installs what is missing on a Debian-like machine, and does nothing where all is there.
#   tests/setup.sh venv DIR    a virtual environment in DIR with a Python of 3.11 or later
#   tests/setup.sh servers     what the tests run against: Dovecot, PostgreSQL, systemd-analyze
# Never asks a question. As another user than root it needs sudo.
set -euo pipefail

fail() {
    echo "setup: $*" >&2
    exit 1
}

# install PACKAGE… : by apt-get, as root or through sudo
install() {
    command -v apt-get >/dev/null || fail "please install by hand, this machine has no apt-get: $*"
    local root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "please run as root: apt-get install $*"
        root=(sudo)
        [ -t 0 ] || root=(sudo -n)
    fi
    echo "setup: installing $*"
    local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    "${apt[@]}" install --yes --no-install-recommends "$@" </dev/null >/dev/null 2>&1 && return
    "${apt[@]}" update </dev/null || echo "setup: apt-get update failed, trying with the lists that are there" >&2
    "${apt[@]}" install --yes --no-install-recommends "$@" </dev/null || fail "apt-get could not install: $*"
}

suits() {
    command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if suits "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    local python
    if ! python=$(find_python); then
        install python3 python3-venv
        python=$(find_python) || fail "mailbot needs Python 3.11 or later; name one with: make PYTHON=/path/to/python3"
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install "$("$python" -c 'import sys; print(f"python3.{sys.version_info[1]}-venv")')"
    "$python" -m venv "$1"
}

install_servers() {
    local missing=()
    [ -x /usr/sbin/dovecot ] || command -v dovecot >/dev/null || missing+=(dovecot-imapd)
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
    command -v systemd-analyze >/dev/null || missing+=(systemd)
    [ ${#missing[@]} = 0 ] || install "${missing[@]}"
}

case "${1:-}" in
    venv) make_venv "${2:?which folder?}" ;;
    servers) install_servers ;;
    *) fail "say venv DIR or servers" ;;
esac
