# shellcheck shell=bash
# tools/lib.sh: what run, test and dev share. Sourced by them with `root` set to the repository's folder.
#
# Everything here is quiet when there is nothing to do: a stamp in build/stamps/ says that a step's inputs have not changed since it last
# succeeded, and long output goes to build/logs/ and is shown only when the step fails.

name=$(basename "$0")
jobs=${TENTER_JOBS:-$(nproc)}  # a shared machine may want fewer

say() { printf '%s: %s\n' "$name" "$*" >&2; }
die() {
    say "$*"
    exit 1
}

# quietly LOG WHAT COMMAND...: runs COMMAND with its output in build/logs/LOG; on failure shows the end of it and stops.
quietly() {
    local log=$root/build/logs/$1 what=$2
    shift 2
    mkdir -p "$root/build/logs"
    if ! "$@" >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        die "$what failed; the whole output is in $log"
    fi
}

# unchanged STAMP FILE...: whether the FILEs are what they were when `stamp` was last called for them.
unchanged() { cat "${@:2}" | cmp -s - "$root/build/stamps/$1"; }
stamp() {
    mkdir -p "$root/build/stamps"
    cat "${@:2}" >"$root/build/stamps/$1"
}

installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# missing_packages FILE...: those packages of the lists that this machine lacks, one a line.
missing_packages() {
    local package equals command
    sed -e 's/#.*//' "$@" | while read -r package equals command; do
        [[ -n $package ]] || continue
        if [[ $equals == "=" ]] && command -v "$command" >/dev/null; then continue; fi
        installed "$package" || echo "$package"
    done
}

# need_packages LIST...: installs what tools/packages/LIST.txt names and the machine lacks.
need_packages() {
    local list files=() missing sudo=()
    for list in "$@"; do files+=("$root/tools/packages/$list.txt"); done
    unchanged "packages-$*" "${files[@]}" && return
    mapfile -t missing < <(missing_packages "${files[@]}")
    if ((${#missing[@]} > 0)); then
        if ! command -v apt-get >/dev/null; then
            say "these Debian 12 packages, or what your system calls them, are missing and there is no apt-get to install them:"
            printf '    %s\n' "${missing[@]}" >&2
            die "install them, then run this again"
        fi
        if ((EUID != 0)); then
            command -v sudo >/dev/null || die "as root, run: apt-get install ${missing[*]}"
            sudo=(sudo)
        fi
        say "installing Debian packages: ${missing[*]}"
        quietly apt.log "apt-get update" "${sudo[@]}" apt-get update
        quietly apt.log "apt-get install" "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "${missing[@]}"
    fi
    stamp "packages-$*" "${files[@]}"
}

# configured PRESET: whether its build tree stands and was made with the presets as they are now.
configured() { [[ -f $root/build/$1/build.ninja ]] && unchanged "presets-$1" "$root/CMakePresets.json"; }

# configure PRESET [-DOPTION=...]...: runs CMake unless it was last run just so. Ninja knows whether a CMakeLists has changed since.
configure() {
    local preset=$1
    shift
    if configured "$preset" && printf '%s\n' "$@" | cmp -s - "$root/build/stamps/options-$preset"; then
        quietly "configure-$preset.log" "configuring $preset" ninja -C "$root/build/$preset" build.ninja
        return
    fi
    quietly "configure-$preset.log" "configuring $preset" cmake -S "$root" --preset "$preset" "$@"
    stamp "presets-$preset" "$root/CMakePresets.json"
    printf '%s\n' "$@" >"$root/build/stamps/options-$preset"
}

# build PRESET TARGET...: on a terminal one line shows how far it is; a build with nothing to do says nothing.
build() {
    local preset=$1 log=$root/build/logs/build-$1.log
    shift
    mkdir -p "$root/build/logs"
    if [[ -n $(ninja -C "$root/build/$preset" -n "$@" 2>&1 | grep -m1 -F '[') ]]; then
        say "building $preset (output: ${log#"$PWD"/})"
    fi
    if ! NINJA_STATUS='[%f/%t] ' ninja -C "$root/build/$preset" -j "$jobs" "$@" 2>&1 | tee "$log" | show_progress; then
        grep -E -A40 -m1 '^FAILED|error' "$log" >&2 || tail -n 60 "$log" >&2
        die "the build failed; the whole output is in $log"
    fi
}

show_progress() {
    if [[ ! -t 2 ]]; then
        cat >/dev/null
        return
    fi
    local line
    while IFS= read -r line; do
        [[ $line == \[* ]] && printf '\r\033[K%.*s' "${COLUMNS:-80}" "$line" >&2
    done
    printf '\r\033[K' >&2
}
