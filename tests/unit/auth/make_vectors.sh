#!/usr/bin/env bash
# Writes openssl_vectors.txt with the openssl command line tool (3.0), which knows nothing of our code:
#     tests/unit/auth/make_vectors.sh > tests/unit/auth/openssl_vectors.txt
# One "name value" per line; names that end in _pem hold base64 of the PEM text. The keys are made here and used nowhere else. Each run
# makes other keys.
set -euo pipefail
umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

body='{"event":"paid","amount":"12.50 €","note":"a.b:c=d"}'
time=1700000000
secret='whsec_not-base64-but-a-text'
hex_key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

show() { printf '%s %s\n' "$1" "$2"; }
hmac() { printf '%s' "$2" | openssl dgst "-$1" -hmac "$secret" -r | cut -d' ' -f1; }
hmac_base64() { printf '%s' "$2" | openssl dgst "-$1" -hmac "$secret" -binary | base64 -w0; }

show body "$body"
show secret "$secret"
show hmac_sha1_hex "$(hmac sha1 "$body")"
show hmac_sha256_hex "$(hmac sha256 "$body")"
show hmac_sha256_base64 "$(hmac_base64 sha256 "$body")"
show hmac_sha512_hex "$(hmac sha512 "$body")"
show hmac_sha512_base64 "$(hmac_base64 sha512 "$body")"
show hmac_sha256_empty_body_hex "$(hmac sha256 '')"
show stripe_hex "$(hmac sha256 "$time.$body")"
show slack_hex "$(hmac sha256 "v0:$time:$body")"
show milliseconds_hex "$(hmac sha256 "${time}123.$body")"
show rfc3339_base64 "$(hmac_base64 sha256 "2023-11-14T22:13:20Z$body")"
show hubspot_v3_base64 "$(hmac_base64 sha256 "POSThttps://hooks.example/hubspot?a=1$body${time}000")"
show every_part_hex "$(hmac sha256 "POST|https://hooks.example/path?q=1&r|/path|q=1&r|evt_1|$time|text/x|$body")"
show dotted_id_base64 "$(printf '%s' "msg.with.dots.$time.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$hex_key -binary | base64 -w0)"

show hex_key "$hex_key"
show base64_key "$(printf '%s' "$hex_key" | xxd -r -p | base64 -w0)"
show hmac_binary_key_hex "$(printf '%s' "$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$hex_key -r | cut -d' ' -f1)"

printf '%s' "$time$body" > message
openssl genpkey -algorithm ed25519 -out ed25519.pem
openssl pkeyutl -sign -inkey ed25519.pem -rawin -in message -out ed25519.sig
openssl pkey -in ed25519.pem -pubout -out ed25519.pub
show ed25519_private_pem "$(base64 -w0 < ed25519.pem)"
show ed25519_public_pem "$(base64 -w0 < ed25519.pub)"
show ed25519_public_spki "$(openssl pkey -in ed25519.pem -pubout -outform DER | base64 -w0)"
show ed25519_public_hex "$(openssl pkey -in ed25519.pem -pubout -outform DER | tail -c 32 | xxd -p -c 64)"
show ed25519_signature_hex "$(xxd -p -c 128 < ed25519.sig)"

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem
openssl dgst -sha256 -sign ec.pem -out ec.sig message
numbers=$(openssl asn1parse -inform DER -in ec.sig | sed -n 's/.*INTEGER *:/0000000000000000000000000000000000000000000000000000000000000000/p' | sed 's/.*\(.\{64\}\)$/\1/' | tr -d '\n')
show ecdsa_public_pem "$(openssl pkey -in ec.pem -pubout | base64 -w0)"
show ecdsa_public_spki "$(openssl pkey -in ec.pem -pubout -outform DER | base64 -w0)"
show ecdsa_private_pem "$(base64 -w0 < ec.pem)"
show ecdsa_signature_der_base64 "$(base64 -w0 < ec.sig)"
show ecdsa_signature_p1363_base64 "$(printf '%s' "$numbers" | xxd -r -p | base64 -w0)"
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem
show p384_public_spki "$(openssl pkey -in p384.pem -pubout -outform DER | base64 -w0)"

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2> /dev/null
openssl dgst -sha256 -sign rsa.pem -out rsa.sig message
show rsa_public_pem "$(openssl pkey -in rsa.pem -pubout | base64 -w0)"
show rsa_public_spki "$(openssl pkey -in rsa.pem -pubout -outform DER | base64 -w0)"
show rsa_signature_base64 "$(base64 -w0 < rsa.sig)"
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out small.pem 2> /dev/null
show rsa_1024_public_spki "$(openssl pkey -in small.pem -pubout -outform DER | base64 -w0)"
openssl pkey -in ed25519.pem -aes256 -passout pass:phrase -out locked.pem
show ed25519_locked_pem "$(base64 -w0 < locked.pem)"
