# shellcheck shell=bash
# tools/environment.sh: folders with other projects' tools for tests, one for each state of a lockfile. Sourced by node_env, python_env,
# maven_env and go_env. A folder is made beside its final name and renamed when complete: who sees it sees all of it, and tests may start together.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/tenter

# ready_environment KIND MAKE LOCKFILE [WHAT-ELSE-IT-DEPENDS-ON]: prints the path of the folder, made by `MAKE FOLDER` when it is not there yet.
ready_environment() {
    local kind=$1 make=$2 lockfile=$3 also=${4:-} hash folder temporary
    hash=$({ cat "$lockfile"; echo "$also"; } | sha256sum | cut -c1-20)
    folder=$cache/$kind-$hash
    if [[ ! -d $folder ]]; then
        mkdir -p "$cache"
        temporary=$(mktemp -d "$cache/making-$kind-XXXXXXXX")
        if ! "$make" "$temporary" >"$temporary/install.log" 2>&1; then
            cat "$temporary/install.log" >&2
            rm -rf "$temporary"
            echo "$(basename "$0"): could not install what $lockfile names" >&2
            return 1
        fi
        # Two that started together: the first one's rename stands.
        mv -T "$temporary" "$folder" 2>/dev/null || rm -rf "$temporary"
    fi
    echo "$folder"
}
