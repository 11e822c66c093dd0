#!/usr/bin/env bash
# Build the sdist and the wheel, install each into a new venv, and run the installed program outside the checkout.
# Arguments: a Python with hatchling, and the Python of the new venvs.
set -euo pipefail
builder=$(realpath -s "$1")
cd "$(dirname "$0")/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$builder" -m hatchling build -d "$scratch/dist"
for file in "$scratch"/dist/portal_archiver-*.tar.gz "$scratch"/dist/portal_archiver-*.whl; do
  venv="$scratch/venv-${file##*.}"
  "$2" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$file"
  (
    cd "$scratch"
    "$venv/bin/archiver" --version
    "$venv/bin/archiver" site test demo
    "$venv/bin/archiver" --archive "$scratch/${file##*.}.db" demo --days 4 --articles 8 > "$scratch/demo.txt" || { cat "$scratch/demo.txt"; exit 1; }
    "$venv/bin/archiver" --archive "$scratch/${file##*.}.db" verify --deep
  )
done
echo "the sdist and the wheel are built, installed and run: $(ls "$scratch/dist" | tr '\n' ' ')"
