#!/bin/sh
# Make the secrets of deploy/compose.yaml, each once: what is there stays.
#
#   deploy/make-secrets.sh [--try HOST] [FOLDER]
#
# --try HOST makes a certificate for HOST that no browser trusts, to try the system on a closed
# machine. In service put your own at FOLDER/tls.pem (with its chain) and FOLDER/tls.key.
set -eu
umask 077
try=""
if [ "${1:-}" = --try ]; then
    try=${2:?--try HOST}
    shift 2
fi
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Put standard input into a new file; one that is there is kept.
keep() {
    if [ -e "$1" ]; then
        cat > /dev/null
        return
    fi
    cat > "$work/new"
    chmod 444 "$work/new"
    mv "$work/new" "$1"
    echo "made $1" >&2
}
word() { openssl rand -hex "$1"; }

# 48 random bytes sign access tokens (at least 32 characters are asked for).
word 48 | keep secret_key
# Wraps the subjects' keys. Lost, contact data and free text are lost: keep a copy elsewhere.
word 48 | keep encryption_key
word 24 | keep metrics_token
# Signs the anchors of the audit trail; `flask audit public-key` prints what a verifier keeps.
openssl genpkey -algorithm ed25519 2> /dev/null | keep audit_key
word 24 | keep mongo_root_password
word 24 | keep mongo_app_password
word 24 | keep mongo_operator_password
word 24 | keep grafana_password
# The longest key that MongoDB takes: 1024 characters.
openssl rand -base64 756 | keep mongo_keyfile
uri() {
    printf 'mongodb://%s:%s@mongo1,mongo2,mongo3/?replicaSet=pro&authSource=admin&tls=true&tlsCAFile=/run/secrets/mongo_ca\n' "$@"
}
uri pro_ae "$(cat mongo_app_password)" | keep mongodb_uri
uri pro_ae_operator "$(cat mongo_operator_password)" | keep mongodb_operator_uri

# An authority for the three nodes alone, whose key is thrown away: renew all of it together.
if [ ! -e mongo.pem ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1825 \
        -subj "/CN=pro-ae database" -addext "keyUsage=critical,keyCertSign" \
        -keyout "$work/ca.key" -out "$work/ca.pem" 2> /dev/null
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=pro-ae/CN=mongo" \
        -keyout "$work/node.key" -out "$work/node.csr" 2> /dev/null
    # A node is a server, and a client of the other two.
    printf '%s\n' "subjectAltName=DNS:mongo1,DNS:mongo2,DNS:mongo3,DNS:localhost,IP:127.0.0.1" \
        "extendedKeyUsage=serverAuth,clientAuth" "authorityKeyIdentifier=keyid" > "$work/node.ext"
    openssl x509 -req -in "$work/node.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 1825 \
        -set_serial "0x$(word 12)" -extfile "$work/node.ext" -out "$work/node.pem" 2> /dev/null
    cat "$work/node.key" "$work/node.pem" | keep mongo.pem
    rm -f mongo_ca.pem
    keep mongo_ca.pem < "$work/ca.pem"
fi

if [ -n "$try" ] && [ ! -e tls.key ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
        -subj "/CN=$try" -addext "subjectAltName=DNS:$try" \
        -keyout "$work/tls.key" -out "$work/tls.pem" 2> /dev/null
    keep tls.key < "$work/tls.key"
    keep tls.pem < "$work/tls.pem"
fi
[ -e tls.pem ] && [ -e tls.key ] || echo "still missing: tls.pem and tls.key of your host" >&2
