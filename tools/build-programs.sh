#!/usr/bin/env bash
# Builds the Solana programs from source with pinned tools.
#   tools/build-programs.sh           writes programs/escrow/escrow.so
#   tools/build-programs.sh --check   builds into a temporary folder and compares with the committed file
#   tools/build-programs.sh --test    runs the programs' tests on the host (they share vectors with TypeScript)
#   tools/build-programs.sh --variant SOURCES FILE    builds a changed copy of programs/escrow into a file: for
#                                     benchmarks' peers and for bugs planted to see that they are found
# Where the toolchain or the linker is absent it says so and skips, so that a machine without Rust can run all
# else. With CI=true it installs both into a cache folder of its own (IONET_RUST_CACHE).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=$root/programs/escrow
toolchain=$(sed -n 's/^channel = "\(.*\)"$/\1/p' "$program/rust-toolchain.toml")
linker_version=0.2.6
check=false
[ "${1:-}" = --check ] && check=true
sources=$program
output=$program/escrow.so
if [ "${1:-}" = --variant ]; then
  sources=$2
  output=$3
fi

skip() { echo "build-programs: skipped: $1; the committed escrow.so stays as it is" >&2; exit 0; }

install() { # everything below one folder; nothing of the user's own Rust is touched
  local cache=${IONET_RUST_CACHE:-$HOME/.cache/ionet/rust}
  command -v rustup >/dev/null || skip "rustup is not installed"
  export RUSTUP_HOME=$cache/rustup CARGO_HOME=$cache/cargo
  mkdir -p "$cache"
  rustup toolchain install "$toolchain" --profile minimal --component rust-src --no-self-update >&2
  if ! "$CARGO_HOME/bin/sbpf-linker" --version 2>/dev/null | grep -q "^sbpf-linker $linker_version$"; then
    RUSTUP_TOOLCHAIN=$toolchain cargo install sbpf-linker --version "$linker_version" --locked >&2
  fi
}

present() {
  command -v rustup >/dev/null && rustup toolchain list | grep -q "^$toolchain" || return 1
  [ -d "$(RUSTUP_TOOLCHAIN=$toolchain rustc --print sysroot)/lib/rustlib/src/rust/library" ] || return 1
  find_linker
}

find_linker() {
  local candidate
  for candidate in "${CARGO_HOME:-$HOME/.cargo}/bin/sbpf-linker" "$(command -v sbpf-linker || true)"; do
    if [ -x "$candidate" ] && [[ $("$candidate" --version) == "sbpf-linker $linker_version"* ]]; then
      linker=$candidate
      return 0
    fi
  done
  return 1
}

if ! present; then
  [ "${CI:-}" = true ] || skip "needs Rust $toolchain with rust-src and sbpf-linker $linker_version"
  install
  find_linker || skip "sbpf-linker $linker_version could not be installed"
fi

export RUSTUP_TOOLCHAIN=$toolchain
if [ "${1:-}" = --test ]; then
  exec cargo test --manifest-path "$program/Cargo.toml" --locked
fi
sysroot=$(rustc --print sysroot)
# A cold build compiles Rust's core; the folder is kept between builds and ignored by git.
target=${IONET_PROGRAMS_TARGET:-$program/target}
if $check; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  target=$scratch/target
fi
# SBPF v3 (SIMD-0178 and following, on mainnet since slot 428976000). Paths are mapped, so that the bytes do
# not depend on where the sources lie.
flags=(
  -C "linker=$linker"
  -C panic=abort -C relocation-model=static -C target-cpu=v3
  # The SVM reads and writes at any address; without this LLVM moves every field byte by byte.
  -C target-feature=+allows-misaligned-mem-access
  -C link-arg=--arch=v3 -C link-arg=--export=entrypoint
  -C link-arg=--llvm-args=-bpf-stack-size=4096
  -C link-arg=--deploy=false
  -A linker_messages
  # No source places in panics: smaller, and nothing of the build machine in the bytes.
  -Z location-detail=none
  "--remap-path-prefix=$sysroot/lib/rustlib/src/rust=/rustc"
  "--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
  "--remap-path-prefix=$program=/src"
)
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f'; echo "${flags[*]}") CARGO_TARGET_DIR=$target \
  cargo build --manifest-path "$sources/Cargo.toml" --release --locked \
  --target bpfel-unknown-none -Zbuild-std=core,alloc >&2
built=$target/bpfel-unknown-none/release/libionet_escrow.so
if $check; then
  if ! cmp "$built" "$program/escrow.so"; then
    echo "build-programs: escrow.so is not what the sources build: run tools/build-programs.sh and commit it" >&2
    exit 1
  fi
  echo "build-programs: escrow.so is what the sources build"
else
  cp "$built" "$output"
  echo "build-programs: wrote ${output#"$root/"}, $(stat -c %s "$output") bytes"
fi
