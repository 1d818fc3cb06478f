#!/usr/bin/env bash
# Builds the Solana programs from source with pinned tools. PROGRAM is a member of programs/Cargo.toml, such as
# `escrow`; all of them where none is named.
#   tools/build-programs.sh [PROGRAM…]           writes programs/PROGRAM/PROGRAM.so
#   tools/build-programs.sh --check [PROGRAM…]   builds into a temporary folder and compares with the committed file
#   tools/build-programs.sh --test               runs the tests on the host (they share vectors with TypeScript)
#   tools/build-programs.sh --variant PROGRAM WORKSPACE FILE   builds a changed copy of programs/ into a file: for
#                                     benchmarks' peers and for bugs planted to see that they are found
# Where the toolchain or the linker is absent it says so and skips, so that a machine without Rust can run all
# else. With CI=true it installs both into a cache folder of its own (IONET_RUST_CACHE).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
workspace=$root/programs
toolchain=$(sed -n 's/^channel = "\(.*\)"$/\1/p' "$workspace/rust-toolchain.toml")
linker_version=0.2.6

# Every member of the workspace but `shared`.
known=$(sed -n 's/^members = \[\(.*\)\]$/\1/p' "$workspace/Cargo.toml" | tr -d '",' | tr ' ' '\n' | grep -vx shared)

mode=build
case "${1:-}" in
  --check | --test | --variant) mode=${1#--}; shift ;;
esac
if [ "$mode" = variant ]; then
  [ $# = 3 ] || { echo "build-programs: --variant takes PROGRAM WORKSPACE FILE" >&2; exit 2; }
  programs=("$1")
  sources=$2
  output=$3
else
  programs=("$@")
  [ $# -gt 0 ] || mapfile -t programs <<<"$known"
  sources=$workspace
fi
for program in "${programs[@]}"; do
  if ! grep -qxF -- "$program" <<<"$known"; then
    echo "build-programs: there is no program $program; there are: $(tr '\n' ' ' <<<"$known")" >&2
    exit 2
  fi
done

skip() { echo "build-programs: skipped: $1; the committed .so files stay as they are" >&2; exit 0; }

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
if [ "$mode" = test ]; then
  exec cargo test --manifest-path "$workspace/Cargo.toml" --workspace --locked
fi
sysroot=$(rustc --print sysroot)
# A cold build compiles Rust's core; the folder is kept between builds and ignored by git.
target=${IONET_PROGRAMS_TARGET:-$workspace/target}
if [ "$mode" = check ]; then
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
  "--remap-path-prefix=$sources=/src"
)

build() { # one program, from $sources; the file it makes goes to standard output
  CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f'; echo "${flags[*]}") CARGO_TARGET_DIR=$target \
    cargo build --manifest-path "$sources/Cargo.toml" --package "ionet-$1" --release --locked \
    --target bpfel-unknown-none -Zbuild-std=core,alloc >&2
  echo "$target/bpfel-unknown-none/release/libionet_${1//-/_}.so"
}

for program in "${programs[@]}"; do
  built=$(build "$program")
  committed=$workspace/$program/$program.so
  if [ "$mode" = check ]; then
    if ! cmp "$built" "$committed"; then
      echo "build-programs: $program.so is not what the sources build: run tools/build-programs.sh and commit it" >&2
      exit 1
    fi
    echo "build-programs: $program.so is what the sources build"
  else
    to=${output:-$committed}
    cp "$built" "$to"
    echo "build-programs: wrote ${to#"$root/"}, $(stat -c %s "$to") bytes"
  fi
done
