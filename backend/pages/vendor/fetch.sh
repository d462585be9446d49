#!/bin/sh
# Fetch the pages' libraries again from the npm registry, pinned by version and integrity.
#
#   backend/pages/vendor/fetch.sh
#
# Needs npm and openssl, on a maintainer's machine alone: what it writes is committed. Nothing is built;
# the one change is that a bare import gets the path of the file beside it, as browsers want it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cd "$work"

# take NAME VERSION INTEGRITY: unpack one package into ./NAME, if it is the one that was looked at.
take() {
    file=$(npm pack --silent "$1@$2")
    found="sha512-$(openssl dgst -sha512 -binary "$file" | openssl base64 -A)"
    if [ "$found" != "$3" ]; then
        echo "fetch: $1@$2 is not the package that was reviewed: $found" >&2
        exit 1
    fi
    mkdir "$1"
    tar xzf "$file" -C "$1" --strip-components 1
}

# keep FROM TO: copy one file, with bare imports turned into paths and without a link to a source map.
keep() {
    sed -e 's#from *"preact"#from"./preact.js"#g' -e '/^\/\/# sourceMappingURL=/d' "$1" >"$here/$2"
}

take preact 11.2.0 "sha512-/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6oYuTGwId0nP7dqDU9OnLxMPZ7xBg=="
take htm 3.1.1 "sha512-983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfdnDmTFoNKcg5DGAvxNQ=="
take uplot 1.6.32 "sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw=="
take uqr 0.1.3 "sha512-0rjE8iEJe4YmT9TOhwsZtqCMRLc5DXZUI2UEYUUg63ikBkqqE5EYWaI0etFe/5KUcmcYwLih2RND1kq+hrUJXA=="
take idb 8.0.4 "sha512-jd0ITCrN+Zah4J7R/Z2jnR3W7A4BXDAjmo62MwWuSjxCiueUAf7X5rbodEdidWzeknwXHmLpdZkoiiCppNi30Q=="

keep preact/dist/preact.mjs preact.js
keep preact/hooks/dist/hooks.mjs hooks.js
keep htm/dist/htm.module.js htm.js
keep uplot/dist/uPlot.esm.js uplot.js
keep uplot/dist/uPlot.min.css uplot.css
keep uqr/dist/index.mjs uqr.js
keep idb/build/index.js idb.js
for name in preact htm uplot uqr idb; do
    cp "$name/LICENSE" "$here/$name.LICENSE.txt"
done
