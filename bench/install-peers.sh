#!/usr/bin/env bash
# Installs the load generators to compare with into bench/peers (ignored by git): what npm has always, those in Go and
# Rust where their toolchains are. wrk, h2load and nginx come from the system's packages. Nothing here is needed to use
# or to test needletail.
set -u
cd "$(dirname "$0")" && mkdir -p peers/bin
say() { printf '%-12s %s\n' "$1" "$2"; }

npm install --silent --no-fund --no-audit --ignore-scripts --prefix peers autocannon@9 artillery@2.0.34 bun@1.4.5 \
  && (cd peers/node_modules/bun && node install.js) \
  && say npm 'autocannon, artillery, bun installed' || say npm 'failed'

if command -v go >/dev/null; then
  export GOBIN="$PWD/peers/bin"
  for module in github.com/rakyll/hey@latest go.k6.io/k6@latest github.com/codesenberg/bombardier@latest \
    github.com/tsenart/vegeta/v12@latest; do
    go install "$module" >/dev/null 2>&1 && say go "$module installed" || say go "$module not to be had"
  done
else
  say go 'not here: hey, k6, bombardier and vegeta left out'
fi
if command -v cargo >/dev/null; then
  cargo install --quiet --locked oha --root peers && say cargo 'oha installed' || say cargo 'oha not to be had'
else
  say cargo 'not here: oha left out'
fi
for program in wrk h2load nginx taskset; do
  command -v "$program" >/dev/null && say system "$program is here" || say system "$program is missing: install it"
done
